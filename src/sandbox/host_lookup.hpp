#ifndef MCBATCH_SANDBOX_HOST_LOOKUP_HPP
#define MCBATCH_SANDBOX_HOST_LOOKUP_HPP

#include <mcbatch/loop/event_loop.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace mcbatch::sandbox {

/// One lookup of a host's addresses. getaddrinfo(3) cannot be interrupted and Asio's resolver is joined at its end, so
/// a dead name server would keep the sandbox from ending: this one has a thread of its own, which is left behind.
class host_lookup {
public:
  using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  explicit host_lookup(const io_executor& executor) : wake_(executor) {}

  /// None where there are none, or none by `deadline`. Must be awaited to its end.
  awaitable<endpoints> run(std::string host, std::string port, steady_timer::time_point deadline);

  /// Ends `run` now.
  void abandon();

private:
  steady_timer wake_; // its end is the deadline, its cancellation anything earlier
  bool abandoned_ = false;
};

} // namespace mcbatch::sandbox

#endif
