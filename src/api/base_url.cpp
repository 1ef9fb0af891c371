#include <mcbatch/api/base_url.hpp>

#include <mcbatch/core/http.hpp>

#include <algorithm>

namespace mcbatch::api {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::string_view default_port = "443";

/// RFC 3986, section 3.3: pchar and the slash. What a percent sign stands for is the service's business.
bool is_path_character(char c) {
  constexpr std::string_view marks = "/-._~!$&'()*+,;=:@%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

failure refused(std::string_view why) {
  return {errc::bad_setting, "the base URL cannot be used: " + std::string(why) +
                                 ". It reads https://host[:port][/path], like https://mediaconvert.io/api/v1"};
}

} // namespace

result<base_url> base_url::parse(std::string_view text) {
  if (iequals(text.substr(0, 5), "http:"))
    return refused("over http: the token would travel in clear, so only https: is accepted");
  if (!iequals(text.substr(0, scheme.size()), scheme)) return refused("it does not begin with https://");
  text.remove_prefix(scheme.size());
  if (text.find_first_of("?#") != std::string_view::npos) return refused("it has a query or a fragment");

  const auto path_begin = std::min(text.find('/'), text.size());
  const auto authority = text.substr(0, path_begin);
  auto path = text.substr(path_begin);
  if (authority.find('@') != std::string_view::npos) return refused("it has a user name; the token is given elsewhere");
  const auto peer = net::parse_origin(authority, default_port);
  if (!peer) return refused("its host or port is not valid; an international name is written in its xn-- form");
  if (!std::all_of(path.begin(), path.end(), is_path_character))
    return refused("its path has a character that must be percent-encoded");
  while (path.ends_with('/'))
    path.remove_suffix(1);
  return base_url{*peer, std::string(path)};
}

std::string base_url::text() const {
  auto authority = net::to_string(peer);
  if (peer.port == default_port) authority.resize(authority.size() - default_port.size() - 1);
  return std::string(scheme) + authority + prefix;
}

} // namespace mcbatch::api
