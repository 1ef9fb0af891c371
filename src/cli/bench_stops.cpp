#include "cli/bench_stops.hpp"

#include <mcbatch/submit/clocks.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

namespace mcbatch::cli {

bench_stops::bench_stops(boost::asio::io_context& io, const bench_load& load, const bench_meter& meter, actions what,
                         spdlog::logger& log)
    : load_(load), meter_(meter), what_(std::move(what)), log_(log), timer_(io), signals_(io, SIGINT, SIGTERM) {
  watch_signals();
}

void bench_stops::begin() {
  if (!load_.time) return;
  timer_.expires_after(*load_.time);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) stop(submit::stop_reason::max_duration);
  });
}

void bench_stops::stop(submit::stop_reason reason) {
  if (std::exchange(stopped_, true)) return;
  const auto& record = meter_.record();
  if (load_.pace && record.begun()) {
    const auto due = load_.pace->due_within(submit::read_clocks().mono - *record.begun());
    overdue_ = due - std::min(due, record.departures());
  }
  what_.stop(reason);
}

void bench_stops::watch_signals() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    if (!std::exchange(signalled_, true)) {
      log_.warn("Stopping: what is in flight is waited for. Again to stop at once.");
      stop(submit::stop_reason::signal);
    } else {
      what_.stop_now();
    }
    watch_signals();
  });
}

} // namespace mcbatch::cli
