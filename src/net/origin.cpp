#include <mcbatch/net/origin.hpp>

#include <mcbatch/core/text.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstdint>

namespace mcbatch::net {
namespace {

bool is_port(std::string_view text) {
  const auto port = parse_integer<std::uint16_t>(text);
  return port && *port != 0;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_ipv6(const std::string& host) {
  const bool has_zone = host.find('%') != std::string::npos;
  return host.find(':') != std::string::npos && !has_zone && is_address(host);
}

} // namespace

bool is_address(const std::string& host) {
  boost::system::error_code not_one;
  boost::asio::ip::make_address(host, not_one);
  return !not_one;
}

std::string to_string(const origin& where) {
  const bool brackets = where.host.find(':') != std::string::npos;
  return brackets ? "[" + where.host + "]:" + where.port : where.host + ":" + where.port;
}

std::optional<origin> parse_origin(std::string_view authority, std::string_view default_port) {
  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == std::string_view::npos) return std::nullopt;

  origin parsed{std::string(authority.substr(bracketed, host_end - bracketed)), std::string(default_port)};
  std::transform(parsed.host.begin(), parsed.host.end(), parsed.host.begin(), lower);
  const bool good_host =
      bracketed ? is_ipv6(parsed.host)
                : !parsed.host.empty() && std::all_of(parsed.host.begin(), parsed.host.end(), is_name_character);
  if (!good_host) return std::nullopt;

  const auto rest = authority.substr(host_end + bracketed);
  if (rest.empty()) return parsed;
  if (!rest.starts_with(':') || !is_port(rest.substr(1))) return std::nullopt;
  parsed.port = rest.substr(1);
  return parsed;
}

} // namespace mcbatch::net
