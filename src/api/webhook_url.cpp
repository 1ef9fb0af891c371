#include <mcbatch/api/webhook_url.hpp>

#include <simdjson.h>

namespace mcbatch::api {
namespace {

constexpr std::string_view parameter = "mcbatch_key=";

std::string quoted_json(std::string_view url) {
  std::string text = "\"";
  for (const auto c : url) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

} // namespace

std::string webhook_url_of(std::string_view url, const job_key& key) {
  const auto without_fragment = url.substr(0, url.find('#'));
  std::string made(without_fragment);
  made += without_fragment.find('?') == std::string_view::npos ? '?' : '&';
  return made.append(parameter).append(to_hex(key));
}

std::optional<job_key> key_in(std::string_view target) {
  const auto query = target.find('?');
  if (query == std::string_view::npos) return std::nullopt;
  auto rest = target.substr(query + 1);
  while (!rest.empty()) {
    const auto one = rest.substr(0, rest.find('&'));
    if (one.starts_with(parameter)) return job_key_from_hex(one.substr(parameter.size()));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return std::nullopt;
}

std::string with_webhook_url(std::string body, std::string_view url) {
  static thread_local simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body).get(object) != simdjson::SUCCESS) return body;
  simdjson::dom::element own;
  if (object.at_key("webhook_url").get(own) == simdjson::SUCCESS) return body;
  const bool alone = object.size() == 0;
  const auto end = body.rfind('}');
  body.insert(end, (alone ? "" : ",") + std::string(R"("webhook_url":)") + quoted_json(url));
  return body;
}

} // namespace mcbatch::api
