#ifndef MCBATCH_SUBMIT_SUBMITTER_HPP
#define MCBATCH_SUBMIT_SUBMITTER_HPP

#include <mcbatch/api/client.hpp>
#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/account.hpp>
#include <mcbatch/submit/gatherer.hpp>
#include <mcbatch/submit/neighbour.hpp>
#include <mcbatch/submit/observer.hpp>
#include <mcbatch/submit/pace.hpp>
#include <mcbatch/submit/scheduler.hpp>
#include <mcbatch/submit/token_source.hpp>

#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::submit {

/// What the submitter works with. All of it must outlive `run`.
struct run_parts {
  ledger::writer& writer; ///< its completions must be posted to the submitter's executor
  std::string ledger_id;
  api::client& client;
  std::function<void()> close_connections; ///< ends every exchange that is under way
  submit::account& account;
  token_source& token;
  submit::observer& observer;
  /// Called with each new token: what is remembered of the account's quota is to be found by it, too.
  std::function<result<void>(const api::token&)> name_account_by = {};
  /// A rate that is kept beside the quota, as a benchmark does: no job leaves before it is due, and latencies count
  /// from then, however late it leaves.
  std::optional<submit::pace> pace = {};
  /// Where the service is to send its events of a job that has no `webhook_url` of its own; the job's key goes into
  /// its query, tagged by the ledger's secret.
  std::optional<std::string> webhook_url = {};
  std::string address_secret = {};
};

/// Does what the scheduler says: the one place where its decisions, the quota, the ledger and the network meet.
///
/// Everything runs on the executor's one thread.
class submitter {
public:
  /// `drain`: how long answers may take once the run stops.
  submitter(io_executor executor, run_parts parts, scheduler_settings settings, random_source random, duration drain);

  /// Before `run`, which the neighbour must outlive.
  void share_quota_with(submit::neighbour& n) { neighbours_.push_back(&n); }

  /// Submits until nothing is left or the run is stopped, and every outcome is recorded.
  awaitable<void> run();

  /// The ledger holds jobs to be fetched, or more of them.
  void jobs_are_there();
  /// Everything that this run will submit is in the ledger.
  void input_ended();

  /// Sends nothing any more, and waits for what is in flight, for as long as the drain allows.
  void stop(stop_reason reason);
  /// Ends what is in flight as well.
  void stop_now();

  /// The ledger could not do what someone else asked of it: nothing is sent any more.
  void ledger_failed(const failure& f);

  /// Reads the token again; what goes out from now on carries it.
  void reload_token();

  /// Why the run ended. After `run`.
  [[nodiscard]] stop_reason reason() const { return scheduler_.stopping().value_or(stop_reason::done); }
  /// Why the ledger failed, if the run stopped for that.
  [[nodiscard]] const std::optional<failure>& ledger_failure() const { return ledger_failure_; }
  /// The last answer's or failure's words, if the run stopped for them.
  [[nodiscard]] const std::optional<outcome>& stopped_by() const {
    return reason() == stop_reason::outage ? last_trouble_ : stopped_by_;
  }

private:
  /// How far a job came on its way out.
  struct departure {
    std::int64_t job;
    bool begun = false;     // its intent is in the ledger
    bool proven = false;    // the service has it: it is not to be sent
    bool told_sent = false; // and nothing but the first byte was missing
  };

  struct fetch;

  [[nodiscard]] bool order_is_due() const;
  void fetch_if_low();
  void fetched(fetch& f);
  void begin_drain();
  std::optional<wait_state> advance();
  std::optional<wait_state> try_to_send(const decision& next, now_pair now, std::unique_lock<submit::account>& quota);
  void tell_ends(std::unique_lock<submit::account>& quota);
  dispatch take_next();
  [[nodiscard]] instant next_due(instant now);
  awaitable<void> wait(wait_state state);
  void wake() { waker_.cancel(); }
  void spawn(awaitable<void> task);

  awaitable<void> submit(dispatch d, quota::request_id id, instant due);
  awaitable<bool> begin(departure* how_far);
  ledger::verdict take_in(dispatch d, const outcome& what, std::optional<duration> retry_after, now_pair now);
  void leave_out(const try_report& proven);
  void look_at_costs();
  awaitable<void> expire(unsent_job unsent);
  awaitable<bool> is_going_on();
  awaitable<void> probe(quota::request_id id);
  std::optional<duration> settle(quota::request_id id, const api::attempt& attempt, now_pair now);
  void token_was_refused(std::uint64_t serial, const outcome& o);
  void token_is_new();
  void report_account_problem();

  auto intend(std::int64_t job, wall_time at);
  auto record(const departure& how_far, ledger::verdict& verdict, const std::vector<std::int64_t>& put_back);
  template <class Work>
  auto commit(Work& work);

  io_executor executor_;
  run_parts parts_;
  gatherer works_; // for the ledger
  scheduler scheduler_;
  std::vector<submit::neighbour*> neighbours_;
  duration drain_, url_margin_;
  steady_timer waker_, drain_timer_;
  wait_state waiting_;
  bool may_fetch_ = false, fetching_ = false, all_in_ledger_ = false, draining_ = false, looking_at_costs_ = false;

  // By the pace, if there is one: since when, and how many jobs have left.
  std::optional<instant> paced_from_;
  std::uint64_t paced_ = 0;

  // The order in which jobs are sent, once that was decided: the limits for which it was, and when. What was alive then
  // and died in manifest order shows that all takes longer than was foretold.
  ledger::fetch_order order_ = ledger::fetch_order::manifest;
  std::optional<std::vector<quota::limit>> decided_for_;
  wall_time decided_at_{};
  bool foretold_wrongly_ = false;

  std::vector<quota::event> ends_; // of requests, of which the quota is still to be told

  std::optional<failure> ledger_failure_;
  std::optional<outcome> stopped_by_, last_trouble_;
  outcome refusal_; // of the token, while a new one is awaited
  std::string last_account_problem_;
  std::exception_ptr error_;
};

} // namespace mcbatch::submit

#endif
