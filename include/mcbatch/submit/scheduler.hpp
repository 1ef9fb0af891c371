#ifndef MCBATCH_SUBMIT_SCHEDULER_HPP
#define MCBATCH_SUBMIT_SCHEDULER_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/core/outcome.hpp>
#include <mcbatch/core/random.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/store.hpp>
#include <mcbatch/submit/breaker.hpp>
#include <mcbatch/submit/stop_reason.hpp>
#include <mcbatch/submit/waiting.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace mcbatch::submit {

struct scheduler_settings {
  std::size_t max_in_flight = 64;
  std::uint32_t max_attempts = 5;   ///< tries of a job that the service asks to repeat while it accepts others
  std::uint32_t max_forbidden = 20; ///< 403s in a row that stop the run; 0: never
  bool resubmit_in_doubt = false;
  duration max_backoff = std::chrono::minutes(65); ///< no wait that an answer asks for is longer
  duration max_outage = std::chrono::hours(1);
  duration url_margin = std::chrono::minutes(15); ///< what the service is given to fetch a presigned URL
  std::optional<std::uint64_t> max_jobs{};
  std::optional<std::int64_t> max_cost_micros{}; ///< over all runs of the ledger
  std::int64_t spent_micros = 0;                 ///< what earlier runs of the ledger spent of it
  std::int64_t usual_micros = 0;                 ///< what a job of theirs cost
  std::uint64_t unpriced = 0;                    ///< tries of theirs that may have cost something beside that
};

/// What the submitter should do next, quota permitting.
enum class step {
  send,     ///< a job, by `send()`
  probe,    ///< `GET /me`, then `probe_sent()`
  wait,     ///< until a time, or the next event
  finished, ///< nothing is left and nothing is in flight
};

struct decision {
  step what = step::wait;
  std::optional<instant> until;   ///< of a wait; nothing: until the next event
  waiting why = waiting::nothing; ///< of a wait
};

/// A job on its way out, with what the scheduler has to remember of it until its outcome.
struct dispatch {
  mcbatch::job job;
  unsigned repeats = 0;              ///< how often the service asked to repeat this job in this run
  std::uint64_t accepted_before = 0; ///< acceptances in this run when it last did, or else when the job first left
  bool alone = false;                ///< the one that goes to see whether an outage is over
};

/// A job that is not sent, since its presigned URLs would be dead on arrival, and what the ledger is to record.
struct unsent_job {
  mcbatch::job job;
  ledger::verdict verdict;
};

/// Decides what is sent next and what each outcome means for the job and for the run: queues, retries, the breaker, the
/// user's limits, the drain. Knows no quota, clock, disk or network. Not thread-safe.
class scheduler {
public:
  scheduler(scheduler_settings settings, random_source random);

  /// Jobs to send, in order. `no_more_jobs`: the manifests are read and everything was added.
  void add(std::vector<mcbatch::job> jobs);
  void no_more_jobs() { input_ended_ = true; }
  /// How many jobs could be sent without waiting for any.
  [[nodiscard]] std::size_t ready() const { return again_.size() + fresh_.size(); }
  [[nodiscard]] bool input_ended() const { return input_ended_; }

  /// Hands back the jobs that were added and never taken, so that they can be added in another order. `no_more_jobs`
  /// is to be said again after that.
  std::vector<std::int64_t> give_back();
  [[nodiscard]] bool can_give_back() const { return !fresh_.empty(); }

  /// What to do at `now`. Makes ready what was to wait until now, and may stop the run (outage, the user's
  /// limits).
  decision next(instant now);

  /// Takes the next job, which is now in flight. Only after `next` said send.
  dispatch send();

  /// Takes the next job instead if its presigned URLs have ended at `now`, or will within the margin: its verdict is to
  /// be recorded, and then `recorded()` called. It is expired; but a doubted one is in doubt again.
  std::optional<unsent_job> take_expired(wall_time now);

  void probe_sent() { breaker_.on_probe_sent(); }

  /// A job's try ended, and another job may go. `retry_after` is what the answer asked for. Returns what the ledger is
  /// to record: before the intent of any job that goes later, or with it, so that the ledger never has more jobs in
  /// flight than are allowed.
  ledger::verdict on_outcome(instant now, dispatch d, const outcome& o, std::optional<duration> retry_after);

  /// Instead, of a try that did not begin, for the service has the job: it is not sent again.
  void leave_out();

  /// What the ledger has come to know, since the run began, of what jobs cost in the end.
  void heard_of_costs(const ledger::late_costs& costs) { late_costs_ = costs; }
  [[nodiscard]] bool has_cost_limit() const { return settings_.max_cost_micros.has_value(); }

  /// What `on_outcome` or `take_expired` said is in the ledger. The run is not over before.
  void recorded() { --unrecorded_; }

  /// A probe ended; `answers`: the service works again.
  void on_probe(instant now, bool answers) { breaker_.on_probe(now, answers); }

  /// A 429 came; `asked`: how long it asked to wait. Of a job's try, before its `on_outcome`.
  void on_rate_limited(instant now, std::optional<duration> asked) { put_off(now, asked); }

  /// Sends nothing any more. The first reason stays.
  void stop(stop_reason reason);
  [[nodiscard]] std::optional<stop_reason> stopping() const { return stop_; }

  /// Jobs that were rejected in a row of 403s that turned out to be the token's fault. Given once.
  std::vector<std::int64_t> take_put_back() { return std::exchange(put_back_, {}); }

  /// When the user's patience with the outage that is on ends, if the breaker sees one.
  [[nodiscard]] std::optional<instant> outage_ends() const;

  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] breaker::state breaker_state() const { return breaker_.current(); }

private:
  decision hold_for(waiting why, std::optional<instant> until = std::nullopt) const { return {step::wait, until, why}; }
  [[nodiscard]] std::optional<stop_reason> reached_limit(instant now) const;
  [[nodiscard]] bool next_may_be_too_many() const;
  /// As many as may be in flight may wait for the ledger beside them.
  [[nodiscard]] std::uint64_t most_unrecorded() const { return 2 * std::uint64_t{settings_.max_in_flight}; }
  [[nodiscard]] bool next_may_be_too_dear() const;
  void put_off(instant now, std::optional<duration> asked);
  void tell_breaker(instant now, const dispatch& d, const outcome& o);

  ledger::verdict keep(const dispatch& d, const outcome& o, job_state state) const;
  ledger::verdict return_uncounted(dispatch d, const outcome& o);
  ledger::verdict try_again(instant now, dispatch d, const outcome& o, std::optional<duration> retry_after);
  ledger::verdict in_doubt(instant now, dispatch d, const outcome& o);
  ledger::verdict accepted(const dispatch& d, const outcome& o);
  ledger::verdict forbidden(dispatch d, const outcome& o);
  ledger::verdict refused(const dispatch& d, const outcome& o) const;

  scheduler_settings settings_;
  random_source random_;
  breaker breaker_;

  std::deque<dispatch>& ready_ones() { return again_.empty() ? fresh_ : again_; }

  std::deque<dispatch> again_, fresh_;     // ready: those that were tried before go first
  std::multimap<instant, dispatch> later_; // by when they are due
  bool input_ended_ = false;
  std::uint64_t in_flight_ = 0;  // without an outcome
  std::uint64_t unrecorded_ = 0; // these, and those whose outcome is on its way to the ledger
  std::uint64_t accepted_ = 0;
  std::int64_t spent_micros_, dearest_micros_; // by the service's estimates
  std::uint64_t unpriced_;                     // tries in doubt, and jobs accepted without an estimate
  ledger::late_costs late_costs_;

  std::vector<std::int64_t> forbidden_row_; // jobs
  std::vector<std::int64_t> put_back_;
  std::optional<instant> last_put_off_;  // the last of a row of answers that settle nothing
  instant asked_until_ = instant::min(); // the end of the waits that they asked for
  duration put_off_for_{};               // how long they have come beyond those waits
  std::optional<stop_reason> stop_;
};

} // namespace mcbatch::submit

#endif
