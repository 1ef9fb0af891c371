#include <mcbatch/core/money.hpp>
#include <mcbatch/submit/backoff.hpp>
#include <mcbatch/submit/expiry.hpp>
#include <mcbatch/submit/scheduler.hpp>

#include <algorithm>
#include <iterator>
#include <string>

namespace mcbatch::submit {
namespace {

constexpr std::uint32_t forbidden_at_first = 3; // 403s before anything was accepted: a token that may not create jobs
constexpr duration longest_gap = std::chrono::minutes(2);

/// Whether it says nothing of the job. A 2xx without an id is of that kind: a portal in between that answers everything
/// with its own page would put every job in doubt.
bool is_unknown(meaning m) {
  return feeds_breaker(m) || m == meaning::unclear_success;
}

bool asks_to_wait(meaning m) {
  return m == meaning::rate_limited || m == meaning::try_later;
}

/// What no other job would fare better by. (A token that is refused may have been replaced: that is the caller's.)
std::optional<stop_reason> reason_to_stop(meaning m) {
  if (m == meaning::payment_required) return stop_reason::payment_required;
  if (m == meaning::redirected) return stop_reason::redirected;
  if (m == meaning::untrusted) return stop_reason::tls;
  return std::nullopt;
}

} // namespace

scheduler::scheduler(scheduler_settings settings, random_source random)
    : settings_(settings), random_(random.fork()), breaker_(random_.fork()), spent_micros_(settings.spent_micros),
      dearest_micros_(settings.usual_micros), unpriced_(settings.unpriced) {}

void scheduler::add(std::vector<mcbatch::job> jobs) {
  for (auto& j : jobs)
    fresh_.push_back({std::move(j)});
}

std::vector<std::int64_t> scheduler::give_back() {
  std::vector<std::int64_t> ids;
  for (const auto& d : fresh_)
    ids.push_back(d.job.id);
  fresh_.clear();
  input_ended_ = false;
  return ids;
}

void scheduler::stop(stop_reason reason) {
  if (!stop_) stop_ = reason;
}

// What comes next

decision scheduler::next(instant now) {
  if (!stop_) stop_ = reached_limit(now);
  if (stop_)
    return unrecorded_ > 0 || breaker_.probe_in_flight() ? hold_for(waiting::drain) : decision{step::finished, {}, {}};

  while (!later_.empty() && later_.begin()->first <= now) {
    again_.push_front(std::move(later_.begin()->second));
    later_.erase(later_.begin());
  }
  if (ready() == 0 && later_.empty() && input_ended_ && unrecorded_ == 0 && !breaker_.probe_in_flight()) {
    stop_ = stop_reason::done;
    return {step::finished, {}, {}};
  }
  if (breaker_.current() == breaker::state::open) {
    if (breaker_.probe_in_flight()) return hold_for(waiting::outage);
    if (breaker_.next_probe() > now) return hold_for(waiting::outage, std::min(breaker_.next_probe(), *outage_ends()));
    return {step::probe, {}, {}};
  }
  const std::size_t most = breaker_.current() == breaker::state::closed ? settings_.max_in_flight : 1;
  if (in_flight_ >= most || unrecorded_ >= most_unrecorded() || (next_may_be_too_many() && unrecorded_ > 0))
    return hold_for(waiting::answers);
  if (ready() > 0) return {step::send, {}, {}};
  const auto until = later_.empty() ? std::nullopt : std::optional(later_.begin()->first);
  if (!input_ended_) return hold_for(waiting::jobs, until);
  return hold_for(until ? waiting::backoff : waiting::answers, until);
}

std::optional<instant> scheduler::outage_ends() const {
  const auto since = breaker_.outage_since();
  return since ? std::optional(*since + settings_.max_outage) : std::nullopt;
}

/// Whether one more job could be more than the user allows, as things stand before the answers that are out.
bool scheduler::next_may_be_too_many() const {
  return (settings_.max_jobs && accepted_ + in_flight_ >= *settings_.max_jobs) || next_may_be_too_dear();
}

bool scheduler::next_may_be_too_dear() const {
  if (!settings_.max_cost_micros) return false;
  const auto spent = add_saturating(spent_micros_, late_costs_.beyond_estimates);
  if (spent >= *settings_.max_cost_micros) return true;
  // What a job costs is known once one was accepted; until then they go one by one.
  if (dearest_micros_ == 0) return accepted_ == 0 && in_flight_ > 0;
  const auto left = static_cast<std::uint64_t>(add_saturating(*settings_.max_cost_micros, -spent));
  const auto unpriced = unpriced_ - std::min(unpriced_, late_costs_.first_prices);
  return unpriced + in_flight_ + 1 > left / static_cast<std::uint64_t>(dearest_micros_);
}

std::optional<stop_reason> scheduler::reached_limit(instant now) const {
  // A probe that is due decides first, however long our own quota holds it back; so does the job that goes alone.
  const bool resting = breaker_.current() == breaker::state::open && !breaker_.probe_in_flight();
  if (resting && breaker_.next_probe() > now && now >= *outage_ends()) return stop_reason::outage;
  const bool something_left = ready() > 0 || !later_.empty();
  // The ledger may fail to keep the last outcome: then that is the reason.
  if (unrecorded_ > 0 || !something_left || !next_may_be_too_many()) return std::nullopt;
  return settings_.max_jobs && accepted_ >= *settings_.max_jobs ? stop_reason::max_jobs : stop_reason::max_cost;
}

dispatch scheduler::send() {
  auto& queue = ready_ones();
  auto d = std::move(queue.front());
  queue.pop_front();
  d.alone = breaker_.current() == breaker::state::half_open;
  if (d.repeats == 0) d.accepted_before = accepted_;
  ++in_flight_;
  ++unrecorded_;
  return d;
}

std::optional<unsent_job> scheduler::take_expired(wall_time now) {
  auto& queue = ready_ones();
  if (queue.empty() || !is_dead_on_arrival(queue.front().job.expires_at, now, settings_.url_margin))
    return std::nullopt;
  unsent_job taken{std::move(queue.front().job), {}};
  queue.pop_front();
  ++unrecorded_;
  const auto& job = taken.job;
  auto& verdict = taken.verdict;
  // What became of the earlier try of a doubted job is as unknown as before.
  verdict.state = job.doubted ? job_state::in_doubt : job_state::expired;
  verdict.doubted = job.doubted;
  verdict.unsent = true;
  verdict.at = now;
  verdict.what.what = meaning::not_sent;
  verdict.what.error = expired_unsent;
  verdict.what.message = expiry_sentence(*job.expires_at, now, settings_.url_margin, job.doubted);
  return taken;
}

/// Answers that only ask to wait or to repeat are an outage as well, for as long as they come beyond the waits that
/// they asked for. A gap between two that is longer than a pause takes is our own quota's wait.
void scheduler::put_off(instant now, std::optional<duration> asked) {
  if (last_put_off_)
    put_off_for_ += std::clamp(now - std::max(*last_put_off_, asked_until_), duration::zero(), longest_gap);
  else
    put_off_for_ = duration::zero();
  last_put_off_ = now;
  asked_until_ = std::max(asked_until_, now + std::min(asked.value_or(duration::zero()), settings_.max_backoff));
}

// What an outcome means

ledger::verdict scheduler::on_outcome(instant now, dispatch d, const outcome& o, std::optional<duration> retry_after) {
  --in_flight_;
  tell_breaker(now, d, o);
  if (o.what == meaning::try_later) put_off(now, retry_after);
  if (asks_to_wait(o.what)) {
    if (put_off_for_ >= settings_.max_outage) stop(stop_reason::outage);
  } else if (!is_unknown(o.what)) {
    last_put_off_.reset();
  }

  if (const auto reason = reason_to_stop(o.what)) stop(*reason);
  if (o.what == meaning::accepted) return accepted(d, o);
  if (o.what == meaning::forbidden) return forbidden(std::move(d), o);
  if (o.what == meaning::try_later || o.what == meaning::unavailable)
    return try_again(now, std::move(d), o, retry_after);
  if (state_after(o.what) == job_state::rejected) return refused(d, o);
  if (state_after(o.what) == job_state::in_doubt) return in_doubt(now, std::move(d), o);
  return return_uncounted(std::move(d), o);
}

void scheduler::leave_out() {
  --in_flight_;
  --unrecorded_;
}

void scheduler::tell_breaker(instant now, const dispatch& d, const outcome& o) {
  if (is_unknown(o.what))
    breaker_.on_unknown(now, d.alone);
  else if (o.what == meaning::accepted)
    breaker_.on_accepted(d.alone);
  else if (o.http_status != 0)
    breaker_.on_settled();
}

ledger::verdict scheduler::keep(const dispatch& d, const outcome& o, job_state state) const {
  ledger::verdict v;
  v.state = state;
  v.what = o;
  v.doubted = d.job.doubted;
  return v;
}

/// Back to pending, to be sent again as soon as anything may be sent; as if this try had not been.
ledger::verdict scheduler::return_uncounted(dispatch d, const outcome& o) {
  auto v = keep(d, o, job_state::pending);
  v.uncount_attempt = true;
  again_.push_front(std::move(d));
  return v;
}

/// Back to pending after a backoff. The attempt counts only where the service accepts others: an outage is not the
/// job's fault.
ledger::verdict scheduler::try_again(instant now, dispatch d, const outcome& o, std::optional<duration> retry_after) {
  const bool counts = accepted_ > d.accepted_before;
  auto v = keep(d, o, job_state::pending);
  v.uncount_attempt = !counts;
  if (counts && ++d.job.attempts >= settings_.max_attempts) {
    v = refused(d, o);
    v.what.message = "gave up after " + std::to_string(d.job.attempts) + " tries: " + v.what.message;
    return v;
  }
  d.accepted_before = accepted_;
  auto wait = backoff(++d.repeats, random_);
  if (retry_after) wait = std::max(wait, std::min(*retry_after, settings_.max_backoff));
  later_.emplace(now + wait, std::move(d));
  return v;
}

ledger::verdict scheduler::in_doubt(instant now, dispatch d, const outcome& o) {
  d.job.doubted = true;
  ++unpriced_; // it may have been accepted, whatever becomes of the next try
  auto v = keep(d, o, job_state::in_doubt);
  if (!settings_.resubmit_in_doubt || ++d.job.attempts >= settings_.max_attempts) return v;
  v.state = job_state::pending;
  later_.emplace(now + backoff(d.job.attempts, random_), std::move(d));
  return v;
}

ledger::verdict scheduler::accepted(const dispatch& d, const outcome& o) {
  ++accepted_;
  forbidden_row_.clear();
  if (!o.estimated_cost_micros) ++unpriced_;
  const auto cost = std::clamp<std::int64_t>(o.estimated_cost_micros.value_or(0), 0, dearest_believed);
  spent_micros_ = add_saturating(spent_micros_, cost);
  dearest_micros_ = std::max(dearest_micros_, cost);
  return keep(d, o, job_state::submitted);
}

ledger::verdict scheduler::refused(const dispatch& d, const outcome& o) const {
  // The earlier try of a doubted job may have been accepted; that this one was refused does not settle it.
  return keep(d, o, d.job.doubted ? job_state::in_doubt : job_state::rejected);
}

/// One 403 is the job's fault, a row of them the token's or the tier's.
ledger::verdict scheduler::forbidden(dispatch d, const outcome& o) {
  if (settings_.max_forbidden == 0) return refused(d, o);
  if (stop_ == stop_reason::forbidden) return return_uncounted(std::move(d), o);
  forbidden_row_.push_back(d.job.id);
  const auto most = accepted_ == 0 ? std::min(forbidden_at_first, settings_.max_forbidden) : settings_.max_forbidden;
  if (forbidden_row_.size() < most) return refused(d, o);
  stop(stop_reason::forbidden);
  forbidden_row_.pop_back();
  put_back_ = std::exchange(forbidden_row_, {});
  return return_uncounted(std::move(d), o);
}

} // namespace mcbatch::submit
