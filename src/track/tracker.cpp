#include <mcbatch/track/tracker.hpp>

#include <mcbatch/api/conversion.hpp>
#include <mcbatch/quota/rate_headers.hpp>
#include <mcbatch/submit/backoff.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <memory>

namespace mcbatch::track {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using submit::stop_reason;
using submit::wait_state;
using submit::waiting;

constexpr std::size_t rows_at_once = 20'000;  // that the ledger's thread is busy with
constexpr duration least_pause = 1s;          // from the end of one search of the ledger to the next
constexpr int pause_of_a_search = 20;         // and in times of how long it took
constexpr duration soon = 1min;               // for what is due then, one's place is kept
constexpr duration look_again = 1s;           // whether submission has jobs to send
constexpr std::size_t most_let_go = 1 << 20;  // some 50 bytes each
constexpr std::size_t most_forbidden = 20;    // jobs in a row: it is the token
constexpr std::size_t forbidden_at_first = 3; // and before anything was answered

wait_state as_wait(const quota::admission& a) {
  switch (a.why) {
  case quota::wait_for::first_answer:
    return {waiting::first_answer, a.until, {}};
  case quota::wait_for::window:
    return {waiting::window, a.until, a.window};
  case quota::wait_for::pause:
    return {waiting::pause, a.until, {}};
  case quota::wait_for::nothing:
    break;
  }
  return {waiting::nothing, a.until, {}};
}

bool tells_nothing(meaning m) {
  return feeds_breaker(m) || m == meaning::try_later || m == meaning::unclear_success;
}

/// By the service's clock, which may differ from the one by which it was submitted.
std::optional<duration> time_taken(const conversion& c, wall_time submitted_at, wall_time now) {
  if (!c.ended_at || *c.ended_at <= submitted_at || *c.ended_at > now) return std::nullopt;
  return *c.ended_at - submitted_at;
}

std::optional<instant> earlier(std::optional<instant> a, std::optional<instant> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

} // namespace

tracker::tracker(io_executor executor, tracker_parts parts, tracker_settings settings)
    : executor_(executor), parts_(std::move(parts)), settings_(settings), plan_(settings.polls), waker_(executor) {
  parts_.account.when_one_ends([this] { wake(); });
}

awaitable<void> tracker::run() {
  for (;;) {
    const auto state = advance();
    if (is_over()) break;
    if (state != waiting_) parts_.observer.waits(waiting_ = state);
    waker_.expires_at(state.until.value_or(instant::max()));
    boost::system::error_code cancelled;
    co_await waker_.async_wait(asio::redirect_error(use_awaitable, cancelled));
  }
  parts_.observer.waits({});
}

bool tracker::is_over() const {
  if (in_flight_ > 0 || unrecorded_ > 0 || searching_) return false;
  if (stop_) return true;
  if (plan_.expected() > 0 || !all_was_searched_ || !searched_after_submission_) return false;
  return !proof_until_ || in_doubt_ == 0 || submit::read_clocks().mono >= *proof_until_;
}

/// Does what can be done now. Returns what is to be waited for then.
wait_state tracker::advance() {
  for (;;) {
    if (error_) std::rethrow_exception(error_);
    if (stop_) return {in_flight_ > 0 ? waiting::drain : waiting::nothing, {}, {}};
    const auto now = submit::read_clocks();
    search_if_due(now);
    const auto due = plan_.next();
    if (!due || *due > now.mono) {
      const auto proof = proof_until_ > now.mono ? proof_until_ : std::nullopt;
      return {waiting::nothing, earlier(earlier(due, proof), next_search()), {}};
    }
    if (in_flight_ >= settings_.max_in_flight) return {waiting::answers, {}, {}};
    if (now.mono < rests_until_) return {waiting::outage, rests_until_, {}};
    if (!share_.may_poll(parts_.beside && parts_.beside().has_jobs)) // nobody says when that changes
      return {waiting::answers, earlier(now.mono + look_again, next_search()), {}};
    if (const auto wait = wait_for_token(now)) return *wait;
    quota::request_id id;
    const auto admission = parts_.account.try_leave(now, id);
    if (const auto problem = parts_.account.take_problem()) parts_.observer.problem(problem->what);
    if (!admission.go) return as_wait(admission);
    share_.on_poll();
    ++in_flight_;
    const auto job = plan_.take(now.mono).value();
    asio::co_spawn(executor_, ask(job, jobs_.at(job).job_id, id), [this](std::exception_ptr error) {
      if (error) error_ = error;
      wake();
    });
  }
}

void tracker::before_spending() {
  if (!stop_ && share_.may_poll(true)) advance();
}

/// While the token's source holds no good one.
std::optional<wait_state> tracker::wait_for_token(now_pair now) {
  const auto at = parts_.token.look_again_at();
  if (!at) return std::nullopt;
  if (now.mono >= *at) token_was_refused(parts_.token.serial(), refusal_);
  return wait_state{waiting::backoff, parts_.token.look_again_at().value_or(now.mono), {}};
}

void tracker::stop(stop_reason reason) {
  if (!stop_) stop_ = reason;
  wake();
}

void tracker::stop_for(stop_reason reason, const outcome& what) {
  if (!stop_) stopped_by_ = what;
  stop(reason);
}

// The ledger's open conversions

/// Nothing while others come first.
std::optional<instant> tracker::next_search() const {
  if (searching_ || plan_.size() > settings_.planned_at_once || search_again_ == instant::max()) return std::nullopt;
  return search_again_;
}

void tracker::search_if_due(now_pair now) {
  const auto at = next_search();
  if (!at || now.mono < *at) return;
  if (searched_to_ == 0) {
    searched_after_submission_ = submission_is_over();
    let_go_due_.reset();
    search_took_ = {};
    if (searched_after_submission_ && settings_.polls.expect_events && !proof_until_)
      proof_until_ = now.mono + settings_.polls.event_grace;
  }
  searching_ = true;
  struct found {
    ledger::open_conversions some;
    ledger::conversion_counts counts;
    std::uint64_t in_doubt = 0;
  };
  const auto f = std::make_shared<found>();
  const auto rows = static_cast<std::int64_t>(std::min(rows_at_once, settings_.planned_at_once));
  const auto look = [f, rows, after = searched_to_](ledger::store& s) {
    f->some = s.find_open(after, rows);
    f->counts = s.conversions();
    f->in_doubt = s.counts()[job_state::in_doubt];
  };
  parts_.writer.post(look, [this, f, now](const result<void>& committed) {
    searching_ = false;
    if (!committed) return ledger_failed(committed.error());
    in_doubt_ = f->in_doubt;
    searched(f->some, f->counts, now);
    wake();
  });
}

void tracker::searched(const ledger::open_conversions& some, const ledger::conversion_counts& counts, now_pair began) {
  parts_.observer.stands(counts);
  const auto now = submit::read_clocks();
  searched_to_ = some.searched_to;
  all_was_searched_ = some.all_was_searched;
  for (const auto& open : some.found)
    plan_for(open, now);
  search_again_ = now.mono;
  search_took_ += now.mono - began.mono;
  if (some.all_was_searched) search_ended(now);
}

void tracker::search_ended(now_pair now) {
  searched_to_ = 0;
  all_was_searched_ = !let_go_due_;
  search_again_ = now.mono + std::max(least_pause, pause_of_a_search * search_took_);
  // Without submission beside, nothing but what is done here changes what is open.
  if (searched_after_submission_) search_again_ = let_go_due_ ? std::max(search_again_, *let_go_due_) : instant::max();
  if (!proof_until_ || in_doubt_ == 0 || plan_.expected() > 0 || std::exchange(told_of_doubt_, true)) return;
  parts_.observer.problem("Events may yet prove that the service has what is in doubt (jobs: " +
                          std::to_string(in_doubt_) + "): they are waited for, for as long as --webhook-grace says.");
}

void tracker::plan_for(const ledger::open_conversion& open, now_pair now) {
  if (plan_.knows(open.id) || missing_.contains(open.id)) return;
  const auto let_go = let_go_.find(open.id);
  const bool was_let_go = let_go != let_go_.end();
  if (was_let_go && let_go->second > now.mono) {
    let_go_due_ = earlier(let_go_due_, let_go->second);
    return;
  }
  if (was_let_go) let_go_.erase(let_go);
  const auto age = std::max<duration>(now.wall - open.submitted_at, 0s);
  jobs_[open.id] = {open.job_id, open.submitted_at};
  plan_.add(open.id, open.job_type, now.mono - age, now.mono, was_let_go);
}

/// What has just been asked about, and is not due soon, gives its place to what lies behind, while there is more than
/// is planned for. The search comes by it again when it is due.
void tracker::make_room(std::int64_t job, now_pair now) {
  const auto due = plan_.due(job);
  if (all_was_searched_ || plan_.size() <= settings_.planned_at_once || due < now.mono + soon) return;
  if (let_go_.size() >= most_let_go) return;
  plan_.forget(job);
  jobs_.erase(job);
  if (missing_.contains(job)) return; // it is left alone
  let_go_.emplace(job, due);
  let_go_due_ = earlier(let_go_due_, due);
}

/// The search may have been past a job that was in doubt or given up then, and may be over.
void tracker::take_up(std::int64_t job) {
  ++unrecorded_;
  const auto f = std::make_shared<ledger::open_conversions>();
  const auto look = [f, job](ledger::store& s) { *f = s.find_open(job - 1, 1); };
  parts_.writer.post(look, [this, f](const result<void>& committed) {
    --unrecorded_;
    if (!committed) return ledger_failed(committed.error());
    for (const auto& open : f->found)
      plan_for(open, submit::read_clocks());
    wake();
  });
}

// Asking

awaitable<void> tracker::ask(std::int64_t job, std::string job_id, quota::request_id id) {
  // Whoever holds the account's lock now must have let it go before the request leaves.
  co_await asio::post(executor_, use_awaitable);
  const auto serial = parts_.token.serial();
  const auto began = submit::read_clocks().mono;
  net::before_send ready = [this] { return is_going_on(); };
  const auto attempt = co_await parts_.client.job_by_id(parts_.token.current(), std::move(job_id), std::move(ready));
  const auto now = submit::read_clocks();
  --in_flight_;
  parts_.account.settle(id, attempt.answer, byte_left(attempt.result.what), now);
  parts_.observer.asked(attempt.result, now.mono - began);
  understand(job, serial, attempt, now);
}

awaitable<bool> tracker::is_going_on() {
  co_return !stop_;
}

void tracker::understand(std::int64_t job, std::uint64_t token_serial, const api::attempt& attempt, now_pair now) {
  const auto& what = attempt.result;
  if (tells_nothing(what.what)) return no_answer(job, attempt, now);
  failures_ = 0;
  failing_.works();
  switch (what.what) {
  case meaning::accepted:
    any_answer_ = true;
    forbidden_.clear();
    return take_in(job, attempt, now);
  case meaning::refused:
    forbidden_.clear();
    return not_there(job, what, now);
  case meaning::rate_limited: // the governor knows
    return plan_.not_asked(job, now.mono);
  case meaning::unauthorized:
    plan_.not_asked(job, now.mono);
    return token_was_refused(token_serial, what);
  case meaning::forbidden:
    return forbidden(job, what, now);
  case meaning::payment_required:
    return stop_for(stop_reason::payment_required, what);
  case meaning::redirected:
    return stop_for(stop_reason::redirected, what);
  case meaning::untrusted:
    return stop_for(stop_reason::tls, what);
  default:
    break;
  }
}

void tracker::take_in(std::int64_t job, const api::attempt& attempt, now_pair now) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end()) return; // an event was quicker
  const auto said = api::parse_conversion(attempt.answer->body, known->second.job_id, parts_.token.current());
  if (!said) {
    auto what = attempt.result;
    what.message = said.error().what;
    return not_there(job, what, now);
  }
  tell_of_status(said->unknown_status);
  record(job, said->what, now);
}

void tracker::record(std::int64_t job, const conversion& said, now_pair now) {
  const auto job_id = jobs_.at(job).job_id;
  missing_.erase(job);
  if (is_final(said.state)) {
    plan_end(job, said, now, told_by::answer);
  } else {
    plan_.still_open(job, now.mono);
    make_room(job, now);
  }
  ++unrecorded_;
  struct found {
    ledger::progress made;
    ledger::conversion_counts counts;
  };
  const auto f = std::make_shared<found>();
  const auto follow = [job, said, at = now.wall, f](ledger::store& s) {
    f->made = s.follow(job, said, at);
    f->counts = s.conversions();
  };
  parts_.writer.post(follow, [this, job, job_id, said, f](const result<void>& committed) {
    --unrecorded_;
    if (!committed) return ledger_failed(committed.error());
    parts_.observer.stands(f->counts);
    if (f->made.ended) parts_.observer.ended(job_id, said);
    wake();
  });
}

void tracker::heard(const news& n) {
  parts_.observer.stands(n.counts);
  tell_of_status(n.unknown_status);
  if (!n.heard.job) return;
  const auto job = *n.heard.job;
  const auto now = submit::read_clocks();
  const bool was_missing = missing_.erase(job) > 0;
  if (was_missing) plan_.found(job, now.mono);
  if (was_missing && !plan_.knows(job)) take_up(job);
  if (n.heard.fate == ledger::event_fate::no_news) return wake();
  if (let_go_.erase(job) > 0 && let_go_.empty()) search_again_ = now.mono; // all may have ended
  if (is_final(n.what.state))
    plan_end(job, n.what, now, told_by::event);
  else
    plan_.progressed(job, now.mono);
  if (n.heard.fate == ledger::event_fate::proof) {
    in_doubt_ -= std::min<std::uint64_t>(in_doubt_, 1);
    take_up(job);
  }
  if (n.heard.ended) parts_.observer.ended(n.job_id, n.what);
  wake();
}

/// It is asked about no more where it has ended.
void tracker::plan_end(std::int64_t job, const conversion& said, now_pair now, told_by how) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end()) return;
  plan_.ended(job, time_taken(said, known->second.submitted_at, now.wall), now.mono, how);
  jobs_.erase(known);
  tell_of_events();
}

/// The reason is most likely on this side, and can be mended while the run goes on.
void tracker::tell_of_events() {
  if (!plan_.events_fail() || std::exchange(told_of_events_, true)) return;
  parts_.observer.problem("Conversions end and no event says so: the service is asked about each now, which takes far "
                          "more requests. Look whether it can reach the listener, and whether the jobs bear the "
                          "webhook_url (--webhook-url).");
}

void tracker::tell_of_status(const std::string& unknown) {
  if (unknown.empty() || std::exchange(told_of_status_, true)) return;
  parts_.observer.problem("The service says of a conversion that it is \"" + unknown +
                          "\", which mcbatch does not know: such a one is taken to be under way.");
}

/// An answer that says that there is no such job, or nothing that can be understood.
void tracker::not_there(std::int64_t job, const outcome& what, now_pair now) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end() || !plan_.not_there(job, now.mono)) return;
  if (missing_.insert(job).second) {
    parts_.observer.missing(known->second.job_id, what);
    record_missing(job, what, now);
  }
  make_room(job, now);
}

/// Until the service tells of it after all.
void tracker::record_missing(std::int64_t job, const outcome& what, now_pair now) {
  ++unrecorded_;
  const auto miss = [job, what, at = now.wall](ledger::store& s) { s.miss(job, what, at); };
  parts_.writer.post(miss, [this](const result<void>& committed) {
    --unrecorded_;
    if (!committed) return ledger_failed(committed.error());
    wake();
  });
}

/// Some job may be another account's; but a row of them is the token's fault.
void tracker::forbidden(std::int64_t job, const outcome& what, now_pair now) {
  forbidden_.insert(job);
  not_there(job, what, now);
  if (forbidden_.size() >= (any_answer_ ? most_forbidden : forbidden_at_first)) stop_for(stop_reason::forbidden, what);
}

void tracker::no_answer(std::int64_t job, const api::attempt& attempt, now_pair now) {
  plan_.not_asked(job, now.mono);
  if (stop_) return;
  const auto retry_after =
      attempt.answer ? quota::parse_rate_headers(attempt.answer->fields, now.wall).retry_after : std::nullopt;
  const auto asked = std::min(retry_after.value_or(0s), settings_.max_backoff);
  if (failing_.failed(now.mono, asked) >= settings_.max_outage) return stop_for(stop_reason::outage, attempt.result);
  const auto rest = std::max(asked, submit::backoff(++failures_, settings_.random));
  rests_until_ = std::max(rests_until_, now.mono + rest);
}

void tracker::token_was_refused(std::uint64_t serial, const outcome& what) {
  const bool newest = serial == parts_.token.serial();
  const auto fate = parts_.token.on_refused(serial, submit::read_clocks().mono);
  if (fate == submit::token_fate::replaced && newest)
    parts_.observer.problem("The service refused the token; its source holds a new one, which is used from now on.");
  if (fate == submit::token_fate::awaited) refusal_ = what;
  if (fate == submit::token_fate::refused) stop_for(stop_reason::unauthorized, what);
}

void tracker::reload_token() {
  const auto reloaded = parts_.token.reload(submit::read_clocks().mono);
  if (!reloaded) return parts_.observer.problem("The token in use is kept: " + reloaded.error().what);
  parts_.observer.problem(*reloaded ? "A new token is used from now on." : "The token was read again; it is the same.");
  wake();
}

void tracker::ledger_failed(const failure& f) {
  if (!ledger_failure_) ledger_failure_ = f;
  stop(stop_reason::ledger);
}

} // namespace mcbatch::track
