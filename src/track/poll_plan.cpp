#include <mcbatch/track/poll_plan.hpp>

#include <algorithm>

namespace mcbatch::track {
namespace {

using namespace std::chrono_literals;

/// A job is asked about when it has ended with that probability since it was last looked at. Less costs more requests,
/// more lets ends go unnoticed for longer.
constexpr double likely = 0.7;
/// An event is overdue when the conversion should have ended with that probability.
constexpr double nearly_certain = 0.95;

constexpr duration least_gap = 1s;       // between two looks at one job
constexpr duration longest_absence = 1h; // of a job that is not there, between two looks
constexpr double least_part = 0.1;       // of its age
constexpr duration found_late = 1min;
constexpr std::size_t compared = 32;

} // namespace

void poll_plan::add(std::int64_t job, std::string_view type, instant since, instant now, bool counted) {
  began_ = std::min(began_, now);
  const auto [place, is_new] = jobs_.try_emplace(job);
  if (!is_new) return;
  auto& e = place->second;
  e.since = std::min(since, now);
  e.looked = e.since;
  e.counted = counted ? now : e.since;
  e.known = now;
  e.type = model_.type_of(type);
  // Whether events come at all, a few jobs must tell.
  e.sample = settings_.expect_events && heard_ < enough_to_trust && sampled_ < samples;
  if (e.sample) ++sampled_;
  queue(job, e, due_of(e));
}

instant poll_plan::due_of(const entry& e) const {
  const auto alive_at = e.looked - e.since;
  const bool unheard = settings_.expect_events && !events_fail() && !e.asked;
  const bool is_sample = e.sample && heard_ < enough_to_trust;
  auto due = e.since + model_.quantile(e.type, alive_at, unheard && !is_sample ? nearly_certain : likely);
  if (unheard && alive_at > duration::zero()) due = std::min(due, e.looked + 3 * alive_at);
  // What the service sent while nobody listened may be on its way again.
  if (unheard) return std::max(due, e.known) + settings_.event_grace;
  // What others of its type teach is a guess; of one that has been about for a while, a look tells.
  if (!e.asked && e.known - e.since >= found_late) return e.known;
  const auto gap = std::max(least_gap, std::chrono::duration_cast<duration>(alive_at * least_part));
  due = std::max(due, e.looked + gap);
  // Of what lives long little is known: it is not left alone for longer than it has lived.
  return e.asked ? std::min(due, e.looked + std::max(gap, alive_at)) : due;
}

void poll_plan::queue(std::int64_t job, entry& e, instant due) {
  queue_.erase({e.due, job});
  e.due = due;
  e.taken = false;
  queue_.emplace(due, job);
}

std::optional<instant> poll_plan::next() const {
  return queue_.empty() ? std::nullopt : std::optional(queue_.begin()->first);
}

/// Of those that are due, one of the likeliest: where the quota lets few through, that makes the difference.
std::optional<std::int64_t> poll_plan::take(instant now) {
  std::optional<std::int64_t> best;
  double likeliest = -1;
  std::size_t seen = 0;
  for (auto q = queue_.begin(); q != queue_.end() && q->first <= now && seen < compared; ++q, ++seen) {
    const auto& e = jobs_.at(q->second);
    const auto p = model_.ended_by(e.type, e.looked - e.since, now - e.since);
    if (p <= likeliest) continue;
    likeliest = p;
    best = q->second;
  }
  if (!best) return best;
  auto& e = jobs_.at(*best);
  queue_.erase({e.due, *best});
  e.taken = true;
  return best;
}

void poll_plan::still_open(std::int64_t job, instant now) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  auto& e = found->second;
  e.asked = true;
  seen_open(e, now);
  queue(job, e, due_of(e));
}

void poll_plan::progressed(std::int64_t job, instant now) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  auto& e = found->second;
  // It was open when the event was sent, which may have been tried for a while.
  seen_open(e, may_be_late(e, now) ? std::max(e.looked, now - settings_.event_grace) : now);
  if (!e.taken) queue(job, e, due_of(e)); // else its answer is on the way
}

void poll_plan::found(std::int64_t job, instant now) {
  const auto known = jobs_.find(job);
  if (known == jobs_.end()) return;
  auto& e = known->second;
  forgive(e);
  if (!e.taken) queue(job, e, now);
}

/// It is there, whatever was answered before.
void poll_plan::forgive(entry& e) {
  if (is_not_there(e)) --not_there_;
  e.failures = 0;
}

void poll_plan::seen_open(entry& e, instant now) {
  count_alive(e, now);
  e.looked = now;
  forgive(e);
}

void poll_plan::ended(std::int64_t job, std::optional<duration> took, instant now, told_by how) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  const auto& e = found->second;
  // Without the service's word, somewhere between the last look and now.
  const auto end = took.value_or((e.looked - e.since + (now - e.since)) / 2);
  model_.ended(e.type, std::min(e.counted - e.since, end), end);
  const bool failed_before = events_fail();
  (how == told_by::event ? heard_ : unheard_) += 1;
  erase(found);
  if (model_.observed() >= 2 * planned_with_ || events_fail() != failed_before) plan_anew(now);
}

void poll_plan::not_asked(std::int64_t job, instant now) {
  const auto found = jobs_.find(job);
  if (found != jobs_.end()) queue(job, found->second, now + least_gap);
}

bool poll_plan::not_there(std::int64_t job, instant now) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return false;
  auto& e = found->second;
  constexpr std::uint8_t most = 6; // the next is beyond the longest absence
  const bool was_there = !is_not_there(e);
  e.failures = std::min<std::uint8_t>(e.failures + 1, most);
  if (was_there && is_not_there(e)) ++not_there_;
  queue(job, e, now + std::min<duration>(longest_absence, least_gap * (1 << (2 * e.failures))));
  return is_not_there(e);
}

void poll_plan::forget(std::int64_t job) {
  const auto found = jobs_.find(job);
  if (found != jobs_.end()) erase(found);
}

void poll_plan::erase(std::unordered_map<std::int64_t, entry>::iterator at) {
  const auto& e = at->second;
  if (!e.taken) queue_.erase({e.due, at->first});
  if (is_not_there(e)) --not_there_;
  jobs_.erase(at);
}

void poll_plan::count_alive(entry& e, instant now, double probability) {
  if (now <= e.counted) return;
  model_.lived(e.type, e.counted - e.since, now - e.since, probability);
  e.counted = now;
}

/// Whether its events may be those that the service tries again, for perhaps nobody listened when it sent them first.
bool poll_plan::may_be_late(const entry& e, instant now) const {
  return e.since < began_ && now < began_ + settings_.event_grace;
}

/// Where hardly an event is lost, no news is a sign of life, without which only those that end soon would teach how
/// long it takes; but for the part whose events are lost.
void poll_plan::count_silent(instant now) {
  constexpr double hardly = 0.2;
  if (!settings_.expect_events || heard_ < enough_to_trust || loss() > hardly) return;
  for (auto& [job, e] : jobs_) {
    if (e.asked || may_be_late(e, now)) continue;
    const auto alive = 1 - model_.ended_by(e.type, e.looked - e.since, now - e.since);
    count_alive(e, now, alive / (alive + loss() * (1 - alive)));
  }
}

/// By what was learnt since: as often as the number of observations has doubled.
void poll_plan::plan_anew(instant now) {
  planned_with_ = model_.observed();
  queue_.clear();
  count_silent(now);
  for (auto& [job, e] : jobs_) {
    if (e.taken) continue;
    if (e.failures == 0) e.due = due_of(e);
    queue_.emplace(e.due, job);
  }
}

} // namespace mcbatch::track
