#ifndef MCBATCH_NET_ORIGIN_HPP
#define MCBATCH_NET_ORIGIN_HPP

#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::net {

/// Where to connect: a DNS name or an IP address (an IPv6 one without brackets), and a decimal port.
struct origin {
  std::string host;
  std::string port;
  friend bool operator==(const origin&, const origin&) = default;
};

/// "example.com:443", "[::1]:8443".
std::string to_string(const origin& where);

/// Reads `host[:port]`, an IPv6 address in brackets (RFC 3986, section 3.2.2). The host is put in lower case. Nothing
/// where the host is neither a DNS name in ASCII nor an address, or the port is not in [1, 65535].
std::optional<origin> parse_origin(std::string_view authority, std::string_view default_port);

/// Whether `host` is an IPv4 or IPv6 address and not a name.
bool is_address(const std::string& host);

} // namespace mcbatch::net

#endif
