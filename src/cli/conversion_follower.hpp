#ifndef MCBATCH_CLI_CONVERSION_FOLLOWER_HPP
#define MCBATCH_CLI_CONVERSION_FOLLOWER_HPP

#include "cli/listen_options.hpp"
#include "cli/track_reporter.hpp"

#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/track/event_receiver.hpp>
#include <mcbatch/track/tracker.hpp>
#include <mcbatch/web/server.hpp>

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace mcbatch::cli {

struct follow_settings {
  bool polls = true;                  ///< the service is asked about conversions; else only its events are taken
  std::optional<event_source> events; ///< where they come from, if they are taken
  duration webhook_grace = std::chrono::minutes(1);
  duration max_outage = std::chrono::hours(1);
  duration max_backoff = std::chrono::minutes(65); ///< no wait that an answer asks for is longer
  random_source random;
  duration drain = std::chrono::seconds(30); ///< how long answers may take once it is stopped
  std::function<void()> close_connections;   ///< ends every exchange that is under way
  std::function<void(const failure&)> ledger_failed = [](const failure&) {}; ///< told where an event finds that out
};

/// What brings conversions to their ends beside whatever else a run does: the tracker, and the listener for the
/// service's events. It runs where `io` is run, and must outlive that.
class conversion_follower {
public:
  /// Listens from now on. What cannot be listened at ends the program (exit_with).
  conversion_follower(boost::asio::io_context& io, track::tracker_parts parts, const follow_settings& settings,
                      track_reporter& reporter);

  /// Begins to follow; `ended` is called once when all conversions have ended, or it was stopped.
  void start(std::function<void(std::exception_ptr)> ended);

  /// Asks about nothing any more, and waits for the answers that are out, for as long as the drain allows.
  void stop(submit::stop_reason reason);

  /// Whether the service is asked about conversions, and so their ends are waited for.
  [[nodiscard]] bool polls() const { return polls_; }
  [[nodiscard]] track::tracker& tracker() { return tracker_; }
  [[nodiscard]] const track::tracker& tracker() const { return tracker_; }
  [[nodiscard]] report::following summary() const;

private:
  boost::asio::io_context& io_;
  bool polls_;
  duration drain_;
  std::function<void()> close_connections_;
  std::function<void(const failure&)> ledger_failed_;
  steady_timer drain_timer_;
  track_reporter& reporter_;
  track::tracker tracker_;
  std::unique_ptr<track::event_receiver> receiver_;
  std::unique_ptr<web::server> listener_;
};

} // namespace mcbatch::cli

#endif
