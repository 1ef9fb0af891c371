#include <mcbatch/report/run_stats.hpp>

#include <algorithm>

namespace mcbatch::report {
namespace {

/// Whether there was nothing to send then, or nothing might be sent. A pause is no such time: who keeps the limits is
/// not paused.
bool is_idle(submit::waiting what) {
  using enum submit::waiting;
  return what == jobs || what == backoff || what == outage || what == drain;
}

} // namespace

void run_stats::count_answer(const outcome& what) {
  if (what.http_status != 0) ++by_status_[what.http_status];
  if (what.what == meaning::lost) ++failed_;
}

void run_stats::tried(const submit::try_report& t) {
  count_answer(t.what);
  if (t.was_told_sent) --unrecorded_;
  if (t.was_told_sent && t.what.what == meaning::not_sent) --sent_; // the connection broke before its first byte
  if (t.what.http_status != 0) latency_.add(t.latency);
  if (t.state == job_state::submitted) {
    ++submitted_;
    cost_micros_ += t.what.estimated_cost_micros.value_or(0);
  } else if (t.state == job_state::rejected) {
    ++rejected_;
  } else if (t.state == job_state::in_doubt) {
    ++in_doubt_;
  }
}

void run_stats::probed(const outcome& what) {
  if (what.http_status != 0 || what.what == meaning::lost) ++sent_;
  count_answer(what);
}

void run_stats::waits(const submit::wait_state& state, instant now) {
  waited_ += current_wait(submit::waiting::window, now);
  paused_ += current_wait(submit::waiting::pause, now);
  note_use(now);
  waiting_ = state;
  waiting_since_ = now;
}

/// At a change of what is waited for, what had the state before is told in full: a burst leaves within one moment, and
/// the next wait begins with its end.
void run_stats::note_use(instant now) {
  if (!first_spent_ && spent_ == 0) return;
  if (!first_spent_) {
    first_spent_ = now;
    return;
  }
  const auto at = now - *first_spent_;
  if (is_idle(waiting_.what)) use_.idle.push_back({waiting_since_ - *first_spent_, at});
  if (waiting_.what != submit::waiting::window || spent_ <= use_.requests) return;
  use_.requests = spent_;
  use_.until = at;
}

report::quota_use run_stats::quota_use() const {
  auto use = use_;
  use.requests -= std::min(use.requests, rate_limited());
  return use;
}

duration run_stats::current_wait(submit::waiting what, instant now) const {
  if (waiting_.what != what) return {};
  // The wait ends at its time, however long nothing else happens then.
  return std::max(std::min(now, waiting_.until.value_or(now)) - waiting_since_, duration::zero());
}

std::uint64_t run_stats::left() const {
  const auto settled = submitted_ + rejected_ + in_doubt_ + expired_;
  return imported_.queued > settled ? imported_.queued - settled : 0;
}

std::uint64_t run_stats::rate_limited() const {
  const auto found = by_status_.find(429);
  return found == by_status_.end() ? 0 : found->second;
}

} // namespace mcbatch::report
