#include <mcbatch/track/tracker.hpp>

#include <mcbatch/api/conversion.hpp>
#include <mcbatch/submit/backoff.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>

namespace mcbatch::track {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using submit::stop_reason;
using submit::wait_state;
using submit::waiting;

/// How many conversions are planned for at once. The first rows were submitted first, by and large.
constexpr std::size_t window = 1 << 16;
constexpr std::int64_t rows_at_once = 20'000; // that the ledger's thread is busy with
constexpr duration least_pause = 1s;          // from the end of one search of the ledger to the next
constexpr int pause_of_a_search = 20;         // and in times of how long it took

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

/// By the service's clock, which may differ from the one by which it was submitted.
std::optional<duration> time_taken(const conversion& c, wall_time submitted_at, wall_time now) {
  if (!c.ended_at || *c.ended_at <= submitted_at || *c.ended_at > now) return std::nullopt;
  return *c.ended_at - submitted_at;
}

} // namespace

tracker::tracker(asio::any_io_executor executor, tracker_parts parts, tracker_settings settings)
    : executor_(executor), parts_(std::move(parts)), settings_(settings), plan_(settings.polls), waker_(executor) {
  parts_.account.when_one_ends([this] { wake(); });
}

asio::awaitable<void> tracker::run() {
  for (;;) {
    const auto state = advance();
    if (is_over()) break;
    if (state != waiting_) parts_.observer.waits(waiting_ = state);
    waker_.expires_at(state.until.value_or(instant::max()));
    boost::system::error_code cancelled;
    co_await waker_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  parts_.observer.waits({});
}

bool tracker::is_over() const {
  if (in_flight_ > 0 || unrecorded_ > 0 || searching_) return false;
  return stop_ || (plan_.size() == 0 && all_was_searched_ && searched_after_submission_);
}

/// Does what can be done now. Returns what is to be waited for then.
wait_state tracker::advance() {
  for (;;) {
    if (error_) std::rethrow_exception(error_);
    if (stop_) return {in_flight_ > 0 ? waiting::drain : waiting::nothing, {}, {}};
    const auto now = submit::read_clocks();
    search_if_due(now);
    const bool searches_later = !searching_ && plan_.size() < window && search_again_ != instant::max();
    const auto search = searches_later ? std::optional(search_again_) : std::nullopt;
    const auto due = plan_.next();
    if (!due || *due > now.mono) {
      const auto until = due && search ? std::min(*due, *search) : due ? due : search;
      return {waiting::nothing, until, {}};
    }
    if (in_flight_ >= settings_.max_in_flight) return {waiting::answers, {}, {}};
    if (now.mono < rests_until_) return {waiting::outage, rests_until_, {}};
    if (!share_.may_poll(parts_.beside && parts_.beside().has_jobs)) return {waiting::answers, {}, {}};
    if (const auto wait = wait_for_token(now)) return *wait;
    quota::request_id id;
    const auto admission = parts_.account.try_leave(now, id);
    if (const auto problem = parts_.account.take_problem()) parts_.observer.problem(problem->what);
    if (!admission.go) return as_wait(admission);
    share_.on_poll();
    ++in_flight_;
    const auto job = plan_.take(now.mono).value();
    // It is posted: whoever holds the account's lock now has let it go when the request leaves.
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
  if (now.mono >= *at) token_was_refused(parts_.token.serial(), stopped_by_.value_or(outcome{}));
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

void tracker::search_if_due(now_pair now) {
  if (searching_ || now.mono < search_again_ || plan_.size() >= window) return;
  if (searched_to_ == 0) searched_after_submission_ = submission_is_over();
  searching_ = true;
  struct found {
    ledger::open_conversions some;
    ledger::conversion_counts counts;
  };
  const auto f = std::make_shared<found>();
  const auto look = [f, after = searched_to_](ledger::store& s) {
    f->some = s.find_open(after, rows_at_once);
    f->counts = s.conversions();
  };
  parts_.writer.post(look, [this, f, now](const result<void>& committed) {
    searching_ = false;
    if (!committed) return ledger_failed(committed.error());
    searched(f->some, f->counts, now);
    wake();
  });
}

void tracker::searched(const ledger::open_conversions& some, const ledger::conversion_counts& counts, now_pair began) {
  parts_.observer.stands(counts);
  const auto now = submit::read_clocks();
  searched_to_ = some.searched_to;
  all_was_searched_ = some.all_was_searched;
  for (const auto& open : some.found) {
    if (plan_.size() >= window) { // the rest is found again
      searched_to_ = open.id - 1;
      all_was_searched_ = false;
      break;
    }
    plan_for(open, now);
  }
  search_again_ = now.mono;
  if (!all_was_searched_) return;
  searched_to_ = 0;
  // Without submission beside, nothing but what is done here changes what is open.
  search_again_ = searched_after_submission_
                      ? instant::max()
                      : now.mono + std::max(least_pause, pause_of_a_search * (now.mono - began.mono));
}

void tracker::plan_for(const ledger::open_conversion& open, now_pair now) {
  if (plan_.knows(open.id) || missing_.contains(open.id)) return;
  const auto age = std::max<duration>(now.wall - open.submitted_at, 0s);
  jobs_[open.id] = {open.job_id, open.submitted_at};
  plan_.add(open.id, open.job_type, now.mono - age, now.mono);
}

/// The search may have been past a job that was in doubt then, and may be over.
void tracker::take_up(std::int64_t proven) {
  ++unrecorded_;
  const auto f = std::make_shared<ledger::open_conversions>();
  const auto look = [f, proven](ledger::store& s) { *f = s.find_open(proven - 1, 1); };
  parts_.writer.post(look, [this, f](const result<void>& committed) {
    --unrecorded_;
    if (!committed) return ledger_failed(committed.error());
    for (const auto& open : f->found)
      plan_for(open, submit::read_clocks());
    wake();
  });
}

// Asking

asio::awaitable<void> tracker::ask(std::int64_t job, std::string job_id, quota::request_id id) {
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

asio::awaitable<bool> tracker::is_going_on() {
  co_return !stop_;
}

void tracker::understand(std::int64_t job, std::uint64_t token_serial, const api::attempt& attempt, now_pair now) {
  const auto& what = attempt.result;
  switch (what.what) {
  case meaning::accepted:
    failures_ = 0;
    failing_since_.reset();
    return take_in(job, attempt, now);
  case meaning::refused:
    return not_there(job, what, now);
  case meaning::rate_limited: // the governor knows
    return plan_.not_asked(job, now.mono);
  case meaning::unauthorized:
    plan_.not_asked(job, now.mono);
    return token_was_refused(token_serial, what);
  case meaning::forbidden:
    return stop_for(stop_reason::forbidden, what);
  case meaning::payment_required:
    return stop_for(stop_reason::payment_required, what);
  case meaning::redirected:
    return stop_for(stop_reason::redirected, what);
  case meaning::untrusted:
    return stop_for(stop_reason::tls, what);
  default:
    return no_answer(job, what, now);
  }
}

void tracker::take_in(std::int64_t job, const api::attempt& attempt, now_pair now) {
  const auto said = api::parse_conversion(attempt.answer->body, parts_.token.current());
  if (said) return record(job, *said, now);
  auto what = attempt.result;
  what.message = said.error().what;
  not_there(job, what, now);
}

void tracker::record(std::int64_t job, const conversion& said, now_pair now) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end()) return; // an event was quicker
  const auto job_id = known->second.job_id;
  if (!is_final(said.state)) plan_.still_open(job, now.mono);
  plan_end(job, said, now);
  ++unrecorded_;
  struct found {
    bool is_news = false;
    ledger::conversion_counts counts;
  };
  const auto f = std::make_shared<found>();
  const auto follow = [job, said, at = now.wall, f](ledger::store& s) {
    f->is_news = s.follow(job, said, at);
    f->counts = s.conversions();
  };
  parts_.writer.post(follow, [this, job, job_id, said, f](const result<void>& committed) {
    --unrecorded_;
    if (!committed) return ledger_failed(committed.error());
    parts_.observer.stands(f->counts);
    if (f->is_news && is_final(said.state)) tell_end(job, job_id, said);
    wake();
  });
}

void tracker::heard(const news& n) {
  parts_.observer.stands(n.counts);
  if (!n.heard.job || n.heard.fate == ledger::event_fate::no_news) return;
  const auto now = submit::read_clocks();
  if (!is_final(n.what.state)) plan_.progressed(*n.heard.job, now.mono);
  plan_end(*n.heard.job, n.what, now);
  if (n.heard.fate == ledger::event_fate::proof) take_up(*n.heard.job);
  if (is_final(n.what.state)) tell_end(*n.heard.job, n.job_id, n.what);
  wake();
}

/// It is asked about no more where it has ended.
void tracker::plan_end(std::int64_t job, const conversion& said, now_pair now) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end() || !is_final(said.state)) return;
  plan_.ended(job, time_taken(said, known->second.submitted_at, now.wall), now.mono);
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

void tracker::tell_end(std::int64_t job, const std::string& job_id, const conversion& how) {
  missing_.erase(job);
  parts_.observer.ended(job_id, how);
}

/// An answer that says that there is no such job, or nothing that can be understood.
void tracker::not_there(std::int64_t job, const outcome& what, now_pair now) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end() || plan_.not_there(job, now.mono)) return;
  parts_.observer.missing(known->second.job_id, what);
  record_missing(job, what, now);
  missing_.insert(job);
  jobs_.erase(known);
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

void tracker::no_answer(std::int64_t job, const outcome& what, now_pair now) {
  plan_.not_asked(job, now.mono);
  if (stop_) return;
  if (!failing_since_) failing_since_ = now.mono;
  if (now.mono - *failing_since_ >= settings_.max_outage) return stop_for(stop_reason::outage, what);
  rests_until_ = std::max(rests_until_, now.mono + submit::backoff(++failures_, settings_.random));
}

void tracker::token_was_refused(std::uint64_t serial, const outcome& what) {
  const bool newest = serial == parts_.token.serial();
  const auto fate = parts_.token.on_refused(serial, submit::read_clocks().mono);
  if (fate == submit::token_fate::replaced && newest)
    parts_.observer.problem("The service refused the token; its source holds a new one, which is used from now on.");
  if (fate == submit::token_fate::awaited) stopped_by_ = what;
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
