#ifndef MCBATCH_NET_TRAFFIC_HPP
#define MCBATCH_NET_TRAFFIC_HPP

#include <cstdint>

namespace mcbatch::net {

/// Bytes of HTTP messages, headers and bodies, as they are within TLS: without what TLS, its handshakes, a proxy's
/// tunnel and TCP add. Of an exchange that failed: what was to be sent, and what was understood.
struct traffic {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

} // namespace mcbatch::net

#endif
