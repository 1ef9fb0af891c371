#include "manifest/url_parts.hpp"
#include "manifest/bytes.hpp"

#include <mcbatch/core/http.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace mcbatch::manifest {
namespace {

/// Takes `text` up to the first of `stops`, or all of it.
template <char... stops>
std::string_view take_until(std::string_view& text) {
  const auto taken = text.substr(0, length_before<stops...>(text));
  text.remove_prefix(taken.size());
  return taken;
}

bool has_scheme(std::string_view url, std::string_view scheme) {
  return url.size() > scheme.size() && url[scheme.size()] == ':' &&
         (url.starts_with(scheme) || iequals(url.substr(0, scheme.size()), scheme));
}

} // namespace

url_parts take_authority(std::string_view& url) {
  url_parts parts;
  // A scheme has no slash, question mark or hash: those begin what may be secret.
  const auto colon = length_before<':', '/', '?', '#'>(url);
  if (url.substr(colon).starts_with("://")) {
    parts.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 3);
  } else if (url.starts_with("//")) {
    url.remove_prefix(2);
  }
  parts.authority = take_until<'/', '?', '#'>(url);
  if (length_before<'@'>(parts.authority) == parts.authority.size()) return parts; // the quick way for most
  const auto at = parts.authority.rfind('@');
  parts.userinfo = parts.authority.substr(0, at);
  parts.authority.remove_prefix(at + 1);
  return parts;
}

url_parts split_url(std::string_view url) {
  auto parts = take_authority(url);
  parts.path = take_until<'?', '#'>(url);
  if (url.starts_with('?')) {
    url.remove_prefix(1);
    parts.query = take_until<'#'>(url);
  }
  parts.fragment = url;
  return parts;
}

parameter next_parameter(std::string_view& query) {
  parameter p;
  p.raw = query.substr(0, query.find('&'));
  query.remove_prefix(std::min(p.raw.size() + 1, query.size()));
  p.name = p.raw.substr(0, p.raw.find('='));
  p.value = p.raw.substr(std::min(p.name.size() + 1, p.raw.size()));
  return p;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    out += take_until<'%'>(text);
    if (text.empty()) break;
    unsigned char byte = 0;
    const auto digits = text.substr(1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    const bool whole = digits.size() == 2 && read.ptr == digits.data() + digits.size();
    out += whole ? static_cast<char>(byte) : '%';
    text.remove_prefix(whole ? 3 : 1);
  }
  return out;
}

bool is_http_url(std::string_view url) {
  return has_scheme(url, "https") || has_scheme(url, "http");
}

} // namespace mcbatch::manifest
