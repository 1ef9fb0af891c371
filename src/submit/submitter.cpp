#include <mcbatch/submit/submitter.hpp>

#include <mcbatch/api/idempotency_key.hpp>
#include <mcbatch/api/webhook_url.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/quota/estimate.hpp>
#include <mcbatch/quota/rate_headers.hpp>
#include <mcbatch/submit/clocks.hpp>
#include <mcbatch/submit/expiry.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>

#include <memory>

namespace mcbatch::submit {
namespace {

namespace asio = boost::asio;

constexpr std::size_t fetched_at_once = 256;
constexpr std::size_t low_water = 128;
constexpr int sent_under_one_lock = 64; // connections that are begun take some time

wait_state as_wait(const quota::admission& a) {
  switch (a.why) {
  case quota::wait_for::nothing:
    return {waiting::nothing, a.until, {}};
  case quota::wait_for::first_answer:
    return {waiting::first_answer, a.until, {}};
  case quota::wait_for::window:
    return {waiting::window, a.until, a.window};
  case quota::wait_for::pause:
    return {waiting::pause, a.until, {}};
  }
  return {};
}

/// When each request's turn may come at the latest, by and large: the quota is shared, perhaps, and what was spent
/// before this run still counts for a window.
turn_of_request late_turns(const std::vector<quota::limit>& limits) {
  const auto longest = std::ranges::max(limits, {}, &quota::limit::window).window;
  return [turns = quota::turn_estimate(limits), longest](std::uint64_t index) {
    const auto turn = turns(index);
    if (turn == duration::zero() || turn > (duration::max() - longest) / 2) return turn;
    return 2 * turn + longest;
  };
}

bool ends_the_run(stop_reason reason) {
  return reason == stop_reason::unauthorized || reason == stop_reason::forbidden ||
         reason == stop_reason::payment_required || reason == stop_reason::redirected || reason == stop_reason::tls ||
         reason == stop_reason::outage;
}

} // namespace

submitter::submitter(io_executor executor, run_parts parts, scheduler_settings settings, random_source random,
                     duration drain)
    : executor_(executor), parts_(std::move(parts)), works_(executor, parts_.writer), scheduler_(settings, random),
      drain_(drain), url_margin_(settings.url_margin), waker_(executor), drain_timer_(executor) {
  parts_.account.when_one_ends([this] { wake(); });
}

awaitable<void> submitter::run() {
  while (const auto reason = advance()) {
    report_account_problem(); // what was written at the end of the lock
    co_await wait(*reason);
  }
  report_account_problem();
  drain_timer_.cancel();
  parts_.observer.waits({});
}

/// Does what can be done now. Returns what is to be waited for then; nothing once all is over.
std::optional<wait_state> submitter::advance() {
  // Other processes of the account are kept out once for all that happens now, not for each request.
  std::unique_lock quota(parts_.account, std::defer_lock);
  for (int done = 1;; ++done) {
    if (done % sent_under_one_lock == 0 && quota.owns_lock()) quota.unlock();
    if (error_) std::rethrow_exception(error_);
    tell_ends(quota); // which may show other limits, and so another order
    fetch_if_low();
    const auto now = read_clocks();
    const auto next = scheduler_.next(now.mono);
    if (scheduler_.stopping()) begin_drain();
    if (next.what == step::finished && !fetching_ && !looking_at_costs_) return std::nullopt;
    if (next.what == step::finished || next.what == step::wait) return wait_state{next.why, next.until, {}};
    if (const auto reason = try_to_send(next, now, quota)) return reason;
  }
}

/// Tells the quota which requests are over.
void submitter::tell_ends(std::unique_lock<submit::account>& quota) {
  if (ends_.empty()) return;
  if (!quota.owns_lock()) quota.lock();
  const auto now = read_clocks(); // others may have answers that came while the lock was waited for
  for (const auto& e : ends_)
    parts_.account.ended(e, now);
  ends_.clear();
}

/// Sends a job or a probe, or decides that a job is not to be sent; or returns what is to be waited for first.
std::optional<wait_state> submitter::try_to_send(const decision& next, now_pair now,
                                                 std::unique_lock<submit::account>& quota) {
  // Whatever a job waited for, it is looked at again when it may go, and before it costs a token.
  if (next.what == step::send) {
    if (auto unsent = scheduler_.take_expired(now.wall)) {
      foretold_wrongly_ |= decided_for_ && !is_dead_on_arrival(unsent->job.expires_at, decided_at_, url_margin_);
      spawn(expire(std::move(*unsent)));
      return std::nullopt;
    }
  }
  if (const auto at = parts_.token.look_again_at()) {
    if (now.mono < *at) return wait_state{waiting::backoff, at, {}};
    if (quota.owns_lock()) quota.unlock(); // it reads a file
    token_was_refused(parts_.token.serial(), refusal_);
    return std::nullopt;
  }
  const auto due = next.what == step::send ? next_due(now.mono) : now.mono;
  if (now.mono < due) return wait_state{waiting::pace, due, {}};
  if (!quota.owns_lock()) quota.lock();
  if (next.what == step::send)
    for (auto* n : neighbours_)
      n->before_spending();
  quota::request_id id;
  const auto admission = parts_.account.try_leave(read_clocks(), id);
  report_account_problem();
  if (!admission.go) return as_wait(admission);
  parts_.observer.spent();
  if (next.what == step::probe) {
    quota.unlock(); // for it may leave at once; a job waits for its intent
    scheduler_.probe_sent();
    spawn(probe(id));
  } else {
    ++paced_;
    for (auto* n : neighbours_)
      n->on_spent();
    spawn(submit(take_next(), id, due));
  }
  return std::nullopt;
}

/// The next job, as it is sent.
dispatch submitter::take_next() {
  auto d = scheduler_.send();
  if (parts_.webhook_url)
    d.job.body = api::with_webhook_url(std::move(d.job.body),
                                       api::webhook_url_of(*parts_.webhook_url, d.job.key, parts_.address_secret));
  return d;
}

/// When the next job that can be sent is due: at once without a pace.
instant submitter::next_due(instant now) {
  if (!parts_.pace) return now;
  if (!paced_from_) paced_from_ = now;
  return parts_.pace->due(*paced_from_, paced_);
}

// Waiting

awaitable<void> submitter::wait(wait_state state) {
  if (state != waiting_) parts_.observer.waits(waiting_ = state);
  // Nothing can happen between the decision to wait and the wait: all of it is this thread's. Who changes something
  // cancels the timer, and the loop decides anew.
  waker_.expires_at(state.until.value_or(instant::max()));
  boost::system::error_code cancelled;
  co_await waker_.async_wait(asio::redirect_error(use_awaitable, cancelled));
}

void submitter::spawn(awaitable<void> task) {
  const auto done = [this](std::exception_ptr error) {
    if (error) error_ = error;
    wake();
  };
  asio::co_spawn(executor_, std::move(task), done);
}

void submitter::stop(stop_reason reason) {
  scheduler_.stop(reason);
  wake();
}

void submitter::begin_drain() {
  if (std::exchange(draining_, true)) return;
  drain_timer_.expires_after(drain_);
  drain_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) parts_.close_connections();
  });
}

void submitter::stop_now() {
  stop(stop_reason::signal);
  parts_.close_connections();
}

// Jobs from the ledger

void submitter::jobs_are_there() {
  may_fetch_ = true;
  wake();
}

void submitter::input_ended() {
  all_in_ledger_ = true;
  jobs_are_there();
}

/// Whether it has to be decided in which order what is left is sent: once everything is in the ledger, whenever other
/// limits hold, and when the forecast was wrong. Sent soonest to expire first, the most jobs possible are in time: that
/// is never taken back.
bool submitter::order_is_due() const {
  if (!all_in_ledger_ || order_ == ledger::fetch_order::soonest_to_expire) return false;
  if (scheduler_.input_ended() && !scheduler_.can_give_back()) return false; // nothing is left to be put in order
  return !decided_for_ || foretold_wrongly_ || *decided_for_ != parts_.account.governor().limits();
}

/// What is asked of the ledger, and what it gave.
struct submitter::fetch {
  bool all; // the ledger holds everything: what it does not give is not there
  ledger::fetch_order order;
  std::vector<std::int64_t> given_back;
  std::optional<expiry_forecast> forecast; // where the order is decided
  std::uint64_t late;                      // jobs that would be late, or were, in manifest order
  std::vector<job> jobs;

  void run(ledger::store& store) {
    store.give_back(given_back);
    if (forecast) {
      store.visit_due(
          [this](std::optional<wall_time> ends) { late += forecast->next(ends) == expiry_forecast::fate::late; });
      if (late > 0) order = ledger::fetch_order::soonest_to_expire;
    }
    jobs = store.fetch(fetched_at_once, order);
  }
};

void submitter::fetch_if_low() {
  if (!may_fetch_ || fetching_ || scheduler_.stopping()) return;
  const bool decide = order_is_due();
  if (!decide && (scheduler_.input_ended() || scheduler_.ready() >= low_water)) return;
  fetching_ = true;
  const auto f = std::make_shared<fetch>(fetch{all_in_ledger_, order_, {}, {}, foretold_wrongly_ ? 1U : 0U, {}});
  if (decide) {
    // What was fetched already has to find its place as well.
    f->given_back = scheduler_.give_back();
    decided_for_ = parts_.account.governor().limits();
    decided_at_ = read_clocks().wall;
    foretold_wrongly_ = false;
    f->forecast.emplace(late_turns(*decided_for_), decided_at_, url_margin_);
  }
  const auto work = [f](ledger::store& store) { f->run(store); };
  const auto done = [this, f](const result<void>& committed) {
    fetching_ = false;
    if (!committed) return ledger_failed(committed.error());
    fetched(*f);
    wake();
  };
  works_.post(work, done);
}

void submitter::fetched(fetch& f) {
  if (f.order != order_) parts_.observer.soonest_first(f.late);
  order_ = f.order;
  if (f.jobs.empty() && f.all) scheduler_.no_more_jobs();
  if (f.jobs.empty()) may_fetch_ = all_in_ledger_; // until the next are there
  scheduler_.add(std::move(f.jobs));
}

// A job's way out and back

// These give their result once it is on the disk, or has failed. To be awaited at once: deferred, so that the waiting
// takes no coroutine of its own.

auto submitter::intend(std::int64_t job, wall_time at) {
  const auto initiate = [this, job, at](auto handler) { works_.post_intent(job, at, std::move(handler)); };
  return asio::async_initiate<const asio::deferred_t, void(result<bool>)>(initiate, asio::deferred);
}

/// Takes `verdict` away.
auto submitter::record(const departure& how_far, ledger::verdict& verdict, const std::vector<std::int64_t>& put_back) {
  const auto initiate = [this, &how_far, &verdict, &put_back](auto handler) {
    if (put_back.empty()) return works_.post_outcome(how_far.job, std::move(verdict), std::move(handler));
    auto work = [how_far, verdict = std::move(verdict), put_back](ledger::store& store) {
      if (how_far.begun) store.finish(how_far.job, verdict);
      store.put_back(put_back);
    };
    works_.post(std::move(work), std::move(handler));
  };
  return asio::async_initiate<const asio::deferred_t, void(result<void>)>(initiate, asio::deferred);
}

/// Takes `work` away.
template <class Work>
auto submitter::commit(Work& work) {
  const auto initiate = [this, &work](auto handler) { works_.post(std::move(work), std::move(handler)); };
  return asio::async_initiate<const asio::deferred_t, void(result<void>)>(initiate, asio::deferred);
}

awaitable<bool> submitter::begin(departure* how_far) {
  if (scheduler_.stopping()) co_return false;
  const auto begun = co_await intend(how_far->job, read_clocks().wall);
  if (!begun) {
    ledger_failed(begun.error());
    co_return false;
  }
  how_far->begun = *begun;
  how_far->proven = !*begun;
  if (how_far->proven) co_return false;
  if (scheduler_.stopping()) co_return false; // it was asked for while the intent went to the disk
  how_far->told_sent = true;
  parts_.observer.sent();
  co_return true;
}

awaitable<void> submitter::submit(dispatch d, quota::request_id id, instant due) {
  const auto serial = parts_.token.serial();
  const auto job_id = d.job.id;
  const auto job_key = d.job.key;
  departure how_far{job_id};
  net::before_send ready = [this, &how_far] { return begin(&how_far); };
  auto key = api::idempotency_key(parts_.ledger_id, d.job);
  const auto attempt = co_await parts_.client.create(parts_.token.current(), d.job, std::move(key), std::move(ready));

  const auto now = read_clocks();
  const auto& what = attempt.result;
  const auto retry_after = settle(id, attempt, now);
  wake(); // the quota may have room again, while this outcome is on its way to the disk
  if (how_far.proven) co_return leave_out({job_id, job_key, what, job_state::submitted, {}});
  if (what.what == meaning::unauthorized) token_was_refused(serial, what);
  auto verdict = take_in(std::move(d), what, retry_after, now);
  const auto state = verdict.state;
  const auto put_back = scheduler_.take_put_back();
  result<void> kept;
  if (how_far.begun || !put_back.empty()) // else, as far as the ledger knows, nothing happened
    kept = co_await record(how_far, verdict, put_back);
  scheduler_.recorded();
  if (!kept) co_return ledger_failed(kept.error());
  look_at_costs();
  parts_.observer.tried({job_id, job_key, what, state, now.mono - due, how_far.told_sent});
  if (!put_back.empty()) parts_.observer.put_back(put_back.size());
}

/// What an outcome means for the run, and what the ledger is to record of it.
ledger::verdict submitter::take_in(dispatch d, const outcome& what, std::optional<duration> retry_after, now_pair now) {
  if (feeds_breaker(what.what) || what.what == meaning::rate_limited) last_trouble_ = what;
  const bool was_stopping = scheduler_.stopping().has_value();
  auto verdict = scheduler_.on_outcome(now.mono, std::move(d), what, retry_after);
  if (!was_stopping && scheduler_.stopping() && ends_the_run(*scheduler_.stopping())) stopped_by_ = what;
  verdict.at = now.wall;
  return verdict;
}

/// An event was quicker than the job's next try.
void submitter::leave_out(const try_report& proven) {
  scheduler_.leave_out();
  parts_.observer.tried(proven);
  look_at_costs();
}

/// What became known of costs by the conversions of jobs counts against the user's limit.
void submitter::look_at_costs() {
  if (!scheduler_.has_cost_limit() || std::exchange(looking_at_costs_, true)) return;
  const auto costs = std::make_shared<ledger::late_costs>();
  works_.post([costs](ledger::store& store) { *costs = store.late_costs(); },
              [this, costs](const result<void>& committed) {
                looking_at_costs_ = false;
                if (!committed) return ledger_failed(committed.error());
                scheduler_.heard_of_costs(*costs);
                wake();
              });
}

awaitable<void> submitter::expire(unsent_job unsent) {
  const auto id = unsent.job.id;
  const auto what = unsent.verdict.what;
  const auto state = unsent.verdict.state;
  auto work = [id, verdict = std::move(unsent.verdict)](ledger::store& store) { store.finish(id, verdict); };
  const auto committed = co_await commit(work);
  scheduler_.recorded();
  if (!committed) co_return ledger_failed(committed.error());
  parts_.observer.expired({id, unsent.job.key, what, state, {}});
}

/// Whether a request that is ready may still leave: while it was connected, the run may have been stopped.
awaitable<bool> submitter::is_going_on() {
  co_return !scheduler_.stopping();
}

awaitable<void> submitter::probe(quota::request_id id) {
  const auto serial = parts_.token.serial();
  net::before_send ready = [this] { return is_going_on(); };
  const auto attempt = co_await parts_.client.me(parts_.token.current(), std::move(ready));
  const auto now = read_clocks();
  settle(id, attempt, now);
  const bool answers = attempt.answer && attempt.answer->status < 500 && attempt.answer->status != 429 &&
                       attempt.result.what != meaning::unclear_success;
  if (answers && attempt.answer->status == 401) token_was_refused(serial, attempt.result);
  if (attempt.result.what == meaning::untrusted) {
    stopped_by_ = attempt.result;
    scheduler_.stop(stop_reason::tls);
  }
  if (!answers) last_trouble_ = attempt.result;
  scheduler_.on_probe(now.mono, answers);
  parts_.observer.probed(attempt.result, answers);
}

/// Notes for the quota how a request ended. Returns what its answer asked for by Retry-After.
std::optional<duration> submitter::settle(quota::request_id id, const api::attempt& attempt, now_pair now) {
  if (!attempt.answer) {
    const bool left = byte_left(attempt.result.what);
    ends_.push_back({left ? quota::event_kind::gave_up : quota::event_kind::unsent, id, now.mono, {}});
    if (!left) parts_.observer.refunded();
    return std::nullopt;
  }
  const auto rate = quota::parse_rate_headers(attempt.answer->fields, now.wall);
  ends_.push_back(end_of_request(id, *attempt.answer, rate, now.mono));
  if (attempt.answer->status == 429) scheduler_.on_rate_limited(now.mono, rate.asked_wait());
  return rate.retry_after;
}

void submitter::report_account_problem() {
  const auto problem = parts_.account.take_problem();
  if (!problem || problem->what == last_account_problem_) return; // a full disk would be told of with each request
  last_account_problem_ = problem->what;
  parts_.observer.problem(problem->what);
}

// The token

void submitter::token_was_refused(std::uint64_t serial, const outcome& o) {
  const bool newest = serial == parts_.token.serial();
  const bool awaited_before = parts_.token.look_again_at().has_value();
  const auto fate = parts_.token.on_refused(serial, read_clocks().mono);
  if (fate == token_fate::replaced && newest) {
    parts_.observer.problem("The service refused the token; its source holds a new one, which is used from now on.");
    token_is_new();
  }
  if (fate == token_fate::awaited && !awaited_before)
    parts_.observer.problem(
        "The service refused the token. For a few seconds nothing is sent, in case that a new one is "
        "just being put in its place" +
        (parts_.token.problem() ? ": " + parts_.token.problem()->what : "."));
  if (fate == token_fate::awaited) refusal_ = o;
  if (fate != token_fate::refused) return;
  if (parts_.token.problem()) parts_.observer.problem(parts_.token.problem()->what);
  stopped_by_ = o;
  scheduler_.stop(stop_reason::unauthorized);
}

void submitter::reload_token() {
  const auto reloaded = parts_.token.reload(read_clocks().mono);
  if (!reloaded) return parts_.observer.problem("The token in use is kept: " + reloaded.error().what);
  if (!*reloaded) return parts_.observer.problem("The token was read again; it is the same.");
  parts_.observer.problem("A new token is used from now on.");
  token_is_new();
  wake();
}

void submitter::token_is_new() {
  if (!parts_.name_account_by) return;
  const auto named = parts_.name_account_by(parts_.token.current());
  if (!named) parts_.observer.problem(named.error().what);
}

// The ledger

void submitter::ledger_failed(const failure& f) {
  if (!ledger_failure_) ledger_failure_ = f;
  stop(stop_reason::ledger);
}

} // namespace mcbatch::submit
