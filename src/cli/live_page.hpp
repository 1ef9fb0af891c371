#ifndef MCBATCH_CLI_LIVE_PAGE_HPP
#define MCBATCH_CLI_LIVE_PAGE_HPP

#include "cli/ledger_look.hpp"
#include "cli/listen_options.hpp"

#include <mcbatch/core/outcome.hpp>
#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/quota/governor.hpp>
#include <mcbatch/report/chart_clock.hpp>
#include <mcbatch/report/history.hpp>
#include <mcbatch/report/picture.hpp>
#include <mcbatch/submit/observer.hpp>
#include <mcbatch/web/server.hpp>

#include <boost/asio/io_context.hpp>
#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mcbatch::cli {

/// What a run knows better than its ledger. Both are called on the network thread.
struct page_source {
  /// Fills in what is being done, what is waited for, the time left, and the limits.
  std::function<void(report::picture&, now_pair)> fill;
  std::function<std::string(now_pair)> metrics; ///< in Prometheus' text format
  const quota::governor& governor;              ///< it must outlive the page
};

// For `fill`.
void add_wait(report::picture& p, const submit::wait_state& wait, now_pair now);
/// `by_tier`: the limits are the tier's, and not given in its place.
void add_limits(report::picture& p, const quota::governor& governor, bool by_tier, instant now);

/// The page on which a run can be watched, at `/` of its address or of its secret link: with what is pushed to it at
/// `events`, and `metrics`. It runs where `io` is run, and must outlive that.
class live_page {
public:
  /// Listens from now on. What cannot be listened at ends the program (exit_with).
  live_page(boost::asio::io_context& io, const page_place& place, std::string ledger_path, ledger::writer& writer,
            page_source source, std::shared_ptr<spdlog::logger> log);

  // What happens, for the charts.
  void sent();                                        ///< a request leaves
  void tried(const submit::try_report& t);            ///< a try at a job has ended
  void polled(const outcome& what, duration latency); ///< a request about a conversion has, of which a byte left
  void ended(const conversion& how);                  ///< a conversion has

  /// To be called several times a second: pushes what is due at `now` to who follows.
  void tick(now_pair now);

  /// Pushes the last picture to who follows, and lets them go: once the ledger holds all, and `io` runs no more.
  void show_the_end(boost::asio::io_context& io);

private:
  [[nodiscard]] std::string link() const;
  awaitable<web::answer> answer_to(request r);
  [[nodiscard]] wall_time chart_now() const;
  /// What the writer keeps in memory: asked for as often as the page is pushed.
  struct counts {
    state_counts jobs;
    ledger::conversion_counts conversions;
    std::uint64_t missing = 0;
  };
  static counts counts_of(const ledger::store& s);

  void remember_what_was_spent(now_pair now);
  [[nodiscard]] std::string picture(now_pair now);
  void look_at_the_ledger(now_pair now);
  void count_jobs(std::function<void()> counted);
  awaitable<web::answer> show_the_page();

  std::string ledger_path_, secret_;
  bool is_loopback_;
  std::shared_ptr<spdlog::logger> log_;
  ledger::writer& writer_;
  page_source source_;
  report::chart_clock chart_clock_{submit::read_clocks()};
  report::history history_; // in its times
  std::shared_ptr<web::feed> feed_;
  std::unique_ptr<web::server> server_;

  counts counts_;
  ledger::survey survey_;
  std::optional<wall_time> survey_at_;
  steady_timer changed_; // cancelled when there is something to see, and now and then
  bool counting_ = false, looking_ = false, told_of_failure_ = false, ended_ = false;
  instant looked_for_{}, next_look_{}, next_push_{}; // last that somebody asked, ...
  std::optional<instant> given_out_;                 // a page, that has not come for what is pushed to it
  ledger_look look_;
};

} // namespace mcbatch::cli

#endif
