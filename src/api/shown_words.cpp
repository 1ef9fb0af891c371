#include "shown_words.hpp"

#include "tidy.hpp"

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/redact.hpp>

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

/// The value of a parameter that the presigning schemes name for the signature: X-Amz-Signature, X-Goog-Signature,
/// Signature, sig; nothing for another parameter.
std::string_view signature_in(std::string_view parameter) {
  if (parameter.starts_with("u0026")) parameter.remove_prefix(5); // "\u0026" is how some write "&" in JSON
  const auto name = parameter.substr(0, parameter.find('='));
  const bool signs = iequals(name, "sig") || (name.size() >= 9 && iequals(name.substr(name.size() - 9), "signature"));
  if (!signs || parameter.size() < name.size() + 1 + least_signature) return {};
  return parameter.substr(name.size() + 1);
}

} // namespace

shown_words::shown_words(const token& sent_with, std::string_view body_sent) : token_(sent_with.secret()) {
  while (!body_sent.empty()) {
    const auto parameter = body_sent.substr(0, body_sent.find_first_of("?&\"\\# "));
    body_sent.remove_prefix(std::min(parameter.size() + 1, body_sent.size()));
    const auto signature = signature_in(parameter);
    if (signature.empty()) continue;
    signatures_.emplace_back(signature);
    if (auto plain = percent_decoded(signature); plain != signature) signatures_.push_back(std::move(plain));
  }
}

std::string shown_words::operator()(std::string_view text) const {
  std::string clean(text);
  for (const auto& signature : signatures_)
    clean = without_secret(std::move(clean), signature);
  return tidy(clean, token_);
}

} // namespace mcbatch::api
