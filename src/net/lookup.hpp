#ifndef MCBATCH_NET_LOOKUP_HPP
#define MCBATCH_NET_LOOKUP_HPP

#include "time_limit.hpp"

#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/net/origin.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace mcbatch::net {

/// One DNS lookup. getaddrinfo(3) cannot be interrupted, and may hang for minutes: it has a thread of its own, which
/// nobody waits for. Past the deadline it is left behind, with nothing but its question; so neither the next lookup nor
/// the end of the program is held up, as they would be by Asio's resolver, whose one thread is joined at its end.
class lookup {
public:
  explicit lookup(const io_executor& executor) : executor_(executor), wake_(executor) {}

  /// errc::resolve_failed, errc::timed_out, or errc::stopped by `abandon`.
  awaitable<result<std::vector<boost::asio::ip::tcp::endpoint>>> run(origin where, time_limit limit);

  /// Ends `run` now.
  void abandon();

private:
  io_executor executor_;
  steady_timer wake_; // its end is the deadline, its cancellation anything earlier
  bool abandoned_ = false;
};

} // namespace mcbatch::net

#endif
