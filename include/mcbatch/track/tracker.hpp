#ifndef MCBATCH_TRACK_TRACKER_HPP
#define MCBATCH_TRACK_TRACKER_HPP

#include <mcbatch/api/client.hpp>
#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/random.hpp>
#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/account.hpp>
#include <mcbatch/submit/neighbour.hpp>
#include <mcbatch/submit/stop_reason.hpp>
#include <mcbatch/submit/token_source.hpp>
#include <mcbatch/submit/waiting.hpp>
#include <mcbatch/track/event_receiver.hpp>
#include <mcbatch/track/failing_time.hpp>
#include <mcbatch/track/poll_plan.hpp>
#include <mcbatch/track/poll_share.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace mcbatch::track {

/// What a tracker tells of what it does. Its thread.
class observer {
public:
  virtual ~observer() = default;

  /// One request about one job, what it came to, and how long after it was to leave.
  virtual void asked(const outcome& what, duration latency) = 0;
  /// How far all conversions of the ledger are.
  virtual void stands(const ledger::conversion_counts& counts) = 0;
  /// A conversion has ended, and that is in the ledger.
  virtual void ended(const std::string& job_id, const conversion& how) = 0;
  /// The service does not know a job that it had accepted. Nobody waits for it any more, but it is asked about again
  /// now and then while the run goes on.
  virtual void missing(const std::string& job_id, const outcome& what) = 0;
  virtual void waits(const submit::wait_state& w) = 0;
  virtual void problem(const std::string& sentence) = 0;
};

struct tracker_settings {
  poll_settings polls;
  std::size_t max_in_flight = 16;
  duration max_outage = std::chrono::hours(1);
  random_source random;
  duration max_backoff = std::chrono::minutes(65); ///< no wait that an answer asks for is longer
  /// For how many conversions there is a plan, and for no more than twice as many.
  std::size_t planned_at_once = 1 << 15;
};

/// What the tracker works with. All of it must outlive `run`.
struct tracker_parts {
  ledger::writer& writer; ///< its completions must be posted to the tracker's executor
  api::client& client;
  submit::account& account;
  submit::token_source& token;
  track::observer& observer;

  /// How submission stands, where one goes on beside: whether it is over, and whether it has jobs that could be sent.
  struct submission {
    bool over = true;
    bool has_jobs = false;
  };
  std::function<submission()> beside = {};
};

/// Brings the conversions of a ledger's submitted jobs to their ends there, by asking the service about one after the
/// other as the plan says, under the account's quota. Everything runs on the executor's one thread.
class tracker : public submit::neighbour {
public:
  tracker(io_executor executor, tracker_parts parts, tracker_settings settings);

  /// Goes on until every conversion has ended, and no more are to come, or until it is stopped.
  awaitable<void> run();

  /// Asks about nothing any more, and waits for the answers that are out. The first reason stays.
  void stop(submit::stop_reason reason);
  /// Reads the token again; what goes out from now on carries it.
  void reload_token();

  // Where submission goes on beside.
  void before_spending() override;
  void on_spent() override { share_.on_submission(); }
  /// Submission is over, or has jobs no more.
  void submission_changed() { wake(); }

  /// The service said something by itself, and the ledger has it.
  void heard(const news& n);

  /// Stops, as nothing can be recorded any more.
  void ledger_failed(const failure& f);

  /// Why it ended. After `run`.
  [[nodiscard]] submit::stop_reason reason() const { return stop_.value_or(submit::stop_reason::done); }
  [[nodiscard]] const std::optional<outcome>& stopped_by() const { return stopped_by_; }
  [[nodiscard]] const std::optional<failure>& ledger_failure() const { return ledger_failure_; }
  /// How many jobs the service does not know.
  [[nodiscard]] std::size_t missing() const { return missing_.size(); }

private:
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] std::optional<instant> next_search() const;
  [[nodiscard]] bool submission_is_over() const { return !parts_.beside || parts_.beside().over; }
  submit::wait_state advance();
  std::optional<submit::wait_state> wait_for_token(now_pair now);
  void search_if_due(now_pair now);
  void searched(const ledger::open_conversions& some, const ledger::conversion_counts& counts, now_pair began);
  void search_ended(now_pair now);
  void plan_for(const ledger::open_conversion& open, now_pair now);
  void make_room(std::int64_t job, now_pair now);
  void take_up(std::int64_t job);
  awaitable<void> ask(std::int64_t job, std::string job_id, quota::request_id id);
  awaitable<bool> is_going_on();
  void understand(std::int64_t job, std::uint64_t token_serial, const api::attempt& attempt, now_pair now);
  void take_in(std::int64_t job, const api::attempt& attempt, now_pair now);
  void record(std::int64_t job, const conversion& said, now_pair now);
  void plan_end(std::int64_t job, const conversion& said, now_pair now, told_by how);
  void tell_of_events();
  void tell_of_status(const std::string& unknown);
  void record_missing(std::int64_t job, const outcome& what, now_pair now);
  void not_there(std::int64_t job, const outcome& what, now_pair now);
  void forbidden(std::int64_t job, const outcome& what, now_pair now);
  void no_answer(std::int64_t job, const api::attempt& attempt, now_pair now);
  void token_was_refused(std::uint64_t serial, const outcome& what);
  void stop_for(submit::stop_reason reason, const outcome& what);
  void wake() { waker_.cancel(); }

  io_executor executor_;
  tracker_parts parts_;
  tracker_settings settings_;
  poll_plan plan_;
  poll_share share_;
  steady_timer waker_;
  submit::wait_state waiting_;

  struct tracked {
    std::string job_id;
    wall_time submitted_at;
  };
  std::unordered_map<std::int64_t, tracked> jobs_; // of the plan
  std::unordered_set<std::int64_t> missing_;
  bool told_of_events_ = false, told_of_status_ = false, told_of_doubt_ = false;

  // The search of the ledger for open conversions, piece by piece from its beginning to its end, again and again.
  std::int64_t searched_to_ = 0;
  bool searching_ = false, all_was_searched_ = false, searched_after_submission_ = false;
  instant search_again_{};
  duration search_took_{};
  std::unordered_map<std::int64_t, instant> let_go_; // open and not planned for, and when they are due
  std::optional<instant> let_go_due_;                // the first of those that the search has met
  std::uint64_t in_doubt_ = 0;
  std::optional<instant> proof_until_; // an event may come so late that proves a job in doubt

  std::size_t in_flight_ = 0, unrecorded_ = 0;
  unsigned failures_ = 0; // in a row
  failing_time failing_;
  instant rests_until_{};
  std::unordered_set<std::int64_t> forbidden_; // in a row
  bool any_answer_ = false;                    // about a job, that was not forbidden

  std::optional<submit::stop_reason> stop_;
  std::optional<outcome> stopped_by_;
  outcome refusal_; // of the token that is awaited
  std::optional<failure> ledger_failure_;
  std::exception_ptr error_;
};

} // namespace mcbatch::track

#endif
