#ifndef MCBATCH_CLI_BENCH_STOPS_HPP
#define MCBATCH_CLI_BENCH_STOPS_HPP

#include "cli/bench_load.hpp"
#include "cli/stop_signals.hpp"

#include <mcbatch/loop/event_loop.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace mcbatch::cli {

/// Ends a load when its time is over and at a signal, and ends it at once at a second signal. Network thread only.
class bench_stops {
public:
  struct actions {
    std::function<void(submit::stop_reason)> stop;
    std::function<void()> stop_now;
  };

  bench_stops(boost::asio::io_context& io, const bench_load& load, const bench_meter& meter, actions what,
              spdlog::logger& log);

  /// The first job leaves.
  void begin();

  /// How many were due by the pace and had not left when it was stopped.
  [[nodiscard]] std::uint64_t overdue() const { return overdue_; }

private:
  void stop(submit::stop_reason reason);
  void watch_signals();

  const bench_load& load_;
  const bench_meter& meter_;
  actions what_;
  spdlog::logger& log_;
  steady_timer timer_;
  boost::asio::signal_set signals_;
  released_stop_signals released_; // after signals_: they are handled from then on
  bool stopped_ = false, signalled_ = false;
  std::uint64_t overdue_ = 0;
};

} // namespace mcbatch::cli

#endif
