#ifndef MCBATCH_NET_TRAFFIC_HPP
#define MCBATCH_NET_TRAFFIC_HPP

#include <cstdint>

namespace mcbatch::net {

/// Bytes of HTTP messages, headers and bodies, as they are within TLS, and as far as they were understood of exchanges
/// that failed: without what
/// TLS, its handshakes, a proxy's tunnel and TCP add.
struct traffic {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

} // namespace mcbatch::net

#endif
