#ifndef MCBATCH_REPORT_RUN_STATS_HPP
#define MCBATCH_REPORT_RUN_STATS_HPP

#include <mcbatch/report/latency.hpp>
#include <mcbatch/report/quota_use.hpp>
#include <mcbatch/submit/observer.hpp>

#include <cstdint>
#include <map>
#include <optional>

namespace mcbatch::report {

/// What has been counted of a run so far. Pure; `now` is an argument where time matters.
class run_stats {
public:
  explicit run_stats(instant start) : start_(start) {}

  void imported(const submit::import_counts& batch) { imported_ += batch; }
  void import_ended() { import_ended_ = true; }
  void spent() { ++spent_; }
  void refunded() { --spent_; }
  void sent() {
    ++sent_;
    ++unrecorded_;
  }
  void tried(const submit::try_report& t);
  void expired() { ++expired_; }
  /// So many that were rejected are pending again.
  void put_back(std::uint64_t jobs) { rejected_ -= jobs; }
  void probed(const outcome& what);
  void waits(const submit::wait_state& state, instant now);

  [[nodiscard]] instant start() const { return start_; }
  [[nodiscard]] const submit::import_counts& read() const { return imported_; }
  [[nodiscard]] bool has_read_all() const { return import_ended_; }
  /// Jobs of this run that were submitted, refused, put in doubt or found expired by it.
  [[nodiscard]] std::uint64_t submitted() const { return submitted_; }
  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }
  [[nodiscard]] std::uint64_t in_doubt() const { return in_doubt_; }
  [[nodiscard]] std::uint64_t expired_jobs() const { return expired_; }
  /// Jobs of this run that are still to be settled, as far as they were read.
  [[nodiscard]] std::uint64_t left() const;

  /// Jobs that left and of which nothing was recorded since: in flight, or the ledger failed.
  [[nodiscard]] std::uint64_t unrecorded() const { return unrecorded_; }

  [[nodiscard]] std::uint64_t sent_requests() const { return sent_; }
  [[nodiscard]] const std::map<int, std::uint64_t>& by_status() const { return by_status_; }
  [[nodiscard]] std::uint64_t rate_limited() const;
  [[nodiscard]] std::uint64_t failed() const { return failed_; } ///< no whole answer came
  [[nodiscard]] const latency_histogram& latency() const { return latency_; }
  [[nodiscard]] std::int64_t cost_micros() const { return cost_micros_; } ///< estimates, of this run's submitted jobs

  [[nodiscard]] const submit::wait_state& waiting() const { return waiting_; }
  /// How long the run waited for the quota's windows, and how long because of 429s.
  [[nodiscard]] duration waited(instant now) const { return waited_ + current_wait(submit::waiting::window, now); }
  [[nodiscard]] duration paused(instant now) const { return paused_ + current_wait(submit::waiting::pause, now); }

  /// How the run went about its quota until now.
  [[nodiscard]] report::quota_use quota_use() const;

private:
  void note_use(instant now);
  void count_answer(const outcome& what);
  [[nodiscard]] duration current_wait(submit::waiting what, instant now) const;

  instant start_;
  submit::import_counts imported_;
  bool import_ended_ = false;
  std::uint64_t submitted_ = 0, rejected_ = 0, in_doubt_ = 0, expired_ = 0;
  std::uint64_t sent_ = 0, unrecorded_ = 0, failed_ = 0;
  std::map<int, std::uint64_t> by_status_;
  latency_histogram latency_;
  std::int64_t cost_micros_ = 0;
  submit::wait_state waiting_;
  instant waiting_since_{};
  duration waited_{}, paused_{};
  std::uint64_t spent_ = 0; // tokens of the quota
  std::optional<instant> first_spent_;
  report::quota_use use_; // 429s not looked at
};

} // namespace mcbatch::report

#endif
