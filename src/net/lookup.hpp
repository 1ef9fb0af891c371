#ifndef MCBATCH_NET_LOOKUP_HPP
#define MCBATCH_NET_LOOKUP_HPP

#include "time_limit.hpp"

#include <mcbatch/net/origin.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <vector>

namespace mcbatch::net {

/// One DNS lookup. getaddrinfo cannot be interrupted: past the deadline it is left to finish alone, in state that it
/// shares with nobody else.
class lookup {
public:
  explicit lookup(const boost::asio::any_io_executor& executor);

  /// errc::resolve_failed, errc::timed_out, or errc::stopped by `abandon`.
  boost::asio::awaitable<result<std::vector<boost::asio::ip::tcp::endpoint>>> run(origin where, time_limit limit);

  /// Ends `run` now.
  void abandon();

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace mcbatch::net

#endif
