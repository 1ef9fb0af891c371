#include "shown_words.hpp"

#include "tidy.hpp"

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/redact.hpp>

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace mcbatch::api {
namespace {

/// Shorter values are nobody's signature, and words of a sentence may equal them.
constexpr std::size_t least_signature = 8;

std::string percent_decoded(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    unsigned char byte = 0;
    const auto digits = text.substr(1, 2);
    const bool escaped = text.front() == '%' && digits.size() == 2 &&
                         std::from_chars(digits.data(), digits.data() + 2, byte, 16).ptr == digits.data() + 2;
    plain += escaped ? static_cast<char>(byte) : text.front();
    text.remove_prefix(escaped ? 3 : 1);
  }
  return plain;
}

/// The value of a parameter that the presigning schemes name for the signature (X-Amz-Signature, X-Goog-Signature,
/// Signature, sig) or for the credentials' own token (X-Amz-Security-Token); nothing for another parameter.
std::string_view secret_in(std::string_view parameter) {
  const auto name = parameter.substr(0, parameter.find('='));
  const auto ends_with = [name](std::string_view end) {
    return name.size() >= end.size() && iequals(name.substr(name.size() - end.size()), end);
  };
  const bool secret = iequals(name, "sig") || ends_with("signature") || ends_with("security-token");
  if (!secret || parameter.size() < name.size() + 1 + least_signature) return {};
  return parameter.substr(name.size() + 1);
}

void collect(std::string_view text, std::vector<std::string>& secrets) {
  while (!text.empty()) {
    const auto parameter = text.substr(0, text.find_first_of("?&# "));
    text.remove_prefix(std::min(parameter.size() + 1, text.size()));
    const auto secret = secret_in(parameter);
    if (secret.empty()) continue;
    secrets.emplace_back(secret);
    if (auto plain = percent_decoded(secret); plain != secret) secrets.push_back(std::move(plain));
  }
}

/// From every string, however it is escaped.
void collect(simdjson::dom::element json, std::vector<std::string>& secrets) {
  if (json.is_string()) collect(std::string_view(json), secrets);
  if (json.is_array())
    for (const auto element : simdjson::dom::array(json))
      collect(element, secrets);
  if (json.is_object())
    for (const auto member : simdjson::dom::object(json))
      collect(member.value, secrets);
}

} // namespace

shown_words::shown_words(const token& sent_with, std::string_view body_sent) : token_(sent_with) {
  // What has no value has no secret: no parameter without "=", and no other way to write that without an escape.
  constexpr auto nowhere = std::string_view::npos;
  if (body_sent.find('=') == nowhere && body_sent.find('\\') == nowhere) return;
  static thread_local simdjson::dom::parser parser; // for its memory
  simdjson::dom::element body;
  if (parser.parse(body_sent.data(), body_sent.size()).get(body) == simdjson::SUCCESS) collect(body, secrets_);
}

std::string shown_words::operator()(std::string_view text) const {
  std::string clean(text);
  if (is_fit_as_it_is(text)) return clean;
  for (const auto& secret : secrets_)
    clean = without_secret(std::move(clean), secret);
  return tidy(clean, token_.secret());
}

/// Whether it is one short word, as an id or a status is, without a secret: nothing else would become of it.
bool shown_words::is_fit_as_it_is(std::string_view text) const {
  constexpr std::size_t short_enough = 128;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '.';
  };
  const auto is_told = [text](const std::string& secret) { return text.find(secret) != std::string_view::npos; };
  return text.size() <= short_enough && std::ranges::all_of(text, is_plain) && !is_told(token_.secret()) &&
         std::ranges::none_of(secrets_, is_told);
}

} // namespace mcbatch::api
