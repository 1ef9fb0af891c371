#ifndef MCBATCH_CLI_TRACK_REPORTER_HPP
#define MCBATCH_CLI_TRACK_REPORTER_HPP

#include "cli/console.hpp"
#include "cli/run_reporter.hpp"

#include <mcbatch/report/end_pace.hpp>
#include <mcbatch/report/following.hpp>
#include <mcbatch/report/picture.hpp>
#include <mcbatch/track/tracker.hpp>

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace mcbatch::cli {

/// Tells a person how conversions go: logs, and draws the progress. Network thread only.
class track_reporter : public track::observer {
public:
  track_reporter(console& out, std::shared_ptr<spdlog::logger> log, progress_kind progress);

  void asked(const outcome& what, duration latency) override;
  void stands(const ledger::conversion_counts& counts) override;
  void ended(const std::string& job_id, const conversion& how) override;
  void missing(const std::string& job_id, const outcome& what) override;
  void waits(const submit::wait_state& w) override;
  void problem(const std::string& sentence) override { log_->warn(sentence); }

  /// From now on tells the page, and submission's counters of the quota, as well. Both must outlive it.
  void tell(live_page& page) { page_ = &page; }
  void tell(run_reporter& submission) { submission_ = &submission; }

  /// Events are taken at that address.
  void listens(const std::string& origin);
  /// An event came: how many there were so far.
  void received(const track::event_counts& events);

  /// To be called several times a second: redraws what is due at `now`.
  void tick(now_pair now);
  void finish(now_pair now);

  /// What a page shows while conversions are all that is waited for. `p` has the counts of the ledger.
  void describe(report::picture& p, now_pair now) const;

  [[nodiscard]] const report::poll_counts& polls() const { return polls_; }
  /// Nothing before anybody looked.
  [[nodiscard]] std::optional<ledger::conversion_counts> conversions() const {
    return was_looked_ ? std::optional(counts_) : std::nullopt;
  }
  [[nodiscard]] const submit::wait_state& waiting() const { return waiting_; }

private:
  [[nodiscard]] std::string line(now_pair now) const;

  console& out_;
  std::shared_ptr<spdlog::logger> log_;
  progress_kind progress_;
  live_page* page_ = nullptr;
  run_reporter* submission_ = nullptr;
  ledger::conversion_counts counts_;
  bool was_looked_ = false; // and these are known
  report::end_pace pace_;
  report::poll_counts polls_;
  track::event_counts events_;
  submit::wait_state waiting_;
  outcome last_trouble_;
  instant next_line_{};
  std::uint64_t failures_told_ = 0;
};

} // namespace mcbatch::cli

#endif
