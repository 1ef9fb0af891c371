#ifndef MCBATCH_NET_PROXY_HPP
#define MCBATCH_NET_PROXY_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/net/environment.hpp>
#include <mcbatch/net/origin.hpp>

#include <optional>
#include <string>

namespace mcbatch::net {

/// An HTTP proxy that tunnels with CONNECT (RFC 9110, section 9.3.6).
struct proxy {
  origin at;
  std::string authorization; ///< the value of Proxy-Authorization, or empty
};

/// The proxy that the environment names for `peer`, if any: `https_proxy`, else `HTTPS_PROXY`, unless `no_proxy`, else
/// `NO_PROXY`, exempts the peer. The variables have no standard; this follows curl: a comma list of `*`, of domains
/// (which stand for their subdomains, a leading dot or not), of addresses and of networks (`10.0.0.0/8`), each but the
/// last with `:port` or without.
///
/// errc::bad_setting where the proxy's URL is not `http://[user:password@]host[:port]`.
result<std::optional<proxy>> proxy_for(const origin& peer, const environment& lookup);

} // namespace mcbatch::net

#endif
