#include <mcbatch/api/webhook_url.hpp>

#include "hmac.hpp"
#include "json_members.hpp"

#include <openssl/crypto.h>

#include <simdjson.h>

namespace mcbatch::api {
namespace {

constexpr std::string_view parameter = "mcbatch_key=";

/// KEY.TAG
std::string tagged(const job_key& key, std::string_view secret) {
  auto text = to_hex(key);
  const auto whole = hmac_of(text, secret);
  job_key tag; // the same size and writing
  std::copy_n(whole.begin(), tag.bytes.size(), tag.bytes.begin());
  return text += '.' + to_hex(tag);
}

/// The key of such a text, if its tag is the right one. Takes as long whatever the tag differs in.
std::optional<job_key> key_of(std::string_view text, std::string_view secret) {
  const auto key = job_key_from_hex(text.substr(0, text.find('.')));
  if (!key || secret.empty()) return std::nullopt;
  const auto right = tagged(*key, secret);
  const bool same = text.size() == right.size() && ::CRYPTO_memcmp(text.data(), right.data(), right.size()) == 0;
  return same ? key : std::nullopt;
}

std::string quoted_json(std::string_view url) {
  std::string text = "\"";
  for (const auto c : url) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

} // namespace

std::string webhook_url_of(std::string_view url, const job_key& key, std::string_view secret) {
  const auto without_fragment = url.substr(0, url.find('#'));
  std::string made(without_fragment);
  made += without_fragment.find('?') == std::string_view::npos ? '?' : '&';
  return made.append(parameter).append(tagged(key, secret));
}

std::optional<job_key> key_in(std::string_view target, std::string_view secret) {
  const auto query = target.find('?');
  if (query == std::string_view::npos) return std::nullopt;
  auto rest = target.substr(query + 1);
  while (!rest.empty()) {
    const auto one = rest.substr(0, rest.find('&'));
    if (one.starts_with(parameter)) return key_of(one.substr(parameter.size()), secret);
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return std::nullopt;
}

std::string with_webhook_url(std::string body, std::string_view url) {
  static thread_local simdjson::dom::parser parser;
  const auto object = parse_object(parser, body);
  if (!object) return body;
  simdjson::dom::element own;
  if (object->at_key("webhook_url").get(own) == simdjson::SUCCESS) return body;
  const bool alone = object->size() == 0;
  const auto end = body.rfind('}');
  body.insert(end, (alone ? "" : ",") + std::string(R"("webhook_url":)") + quoted_json(url));
  return body;
}

} // namespace mcbatch::api
