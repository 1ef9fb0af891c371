#include "sandbox/webhook_url.hpp"

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/text.hpp>

#include <algorithm>
#include <cstdint>

namespace mcbatch::sandbox {
namespace {

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

/// Takes "http://" or "https://" off the front; says whether it was the second.
std::optional<bool> take_scheme(std::string_view& text) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (iequals(text.substr(0, scheme.size()), scheme)) {
      text.remove_prefix(scheme.size());
      return scheme == "https://";
    }
  return std::nullopt;
}

} // namespace

std::optional<webhook_url> parse_webhook_url(std::string_view text) {
  const auto tls = take_scheme(text);
  if (!tls || !std::ranges::all_of(text, is_visible)) return std::nullopt;
  text = text.substr(0, text.find('#'));
  const auto authority = text.substr(0, text.find_first_of("/?"));
  auto target = std::string(text.substr(authority.size()));
  if (!target.starts_with('/')) target.insert(0, 1, '/');

  // The colons within brackets are an IPv6 address's.
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const auto colon = authority.find(':', bracket);
  auto host = authority.substr(0, colon);
  const auto port = colon == std::string_view::npos ? (*tls ? "443" : "80") : authority.substr(colon + 1);
  if (bracket > 0 && host.size() != bracket + 1) return std::nullopt;
  if (bracket > 0) host = host.substr(1, bracket - 1);
  if (host.empty() || host.find_first_of("@\\") != std::string_view::npos) return std::nullopt;
  if (parse_integer<std::uint16_t>(port).value_or(0) == 0) return std::nullopt;
  return webhook_url{*tls, std::string(host), std::string(port), std::string(authority), std::move(target)};
}

} // namespace mcbatch::sandbox
