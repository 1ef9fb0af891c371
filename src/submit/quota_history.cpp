#include "submit/quota_history.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <span>
#include <unordered_map>
#include <vector>

namespace mcbatch::submit {
namespace {

using quota::event;
using quota::event_kind;
using quota::request_id;

constexpr std::size_t most_whole = 16'384;  // requests that are kept as they were
constexpr std::ptrdiff_t most_sums = 8'192; // of requests that are not
constexpr int share_of_age = 256;

struct hash {
  std::size_t operator()(const request_id& id) const { return id.process ^ (id.serial * 0x9e3779b97f4a7c15); }
};

/// A request: its place among all, by its leaving, and how it ended.
struct request {
  const event* leave = nullptr;
  const event* end = nullptr; // nothing while it is in flight
};

/// The requests that are in flight or ended after `oldest`, in the order of their leaving.
std::vector<request> requests_of(const std::vector<event>& events, instant oldest) {
  std::vector<request> all;
  all.reserve(events.size() / 2);
  std::pmr::monotonic_buffer_resource nodes; // freed at once
  std::pmr::unordered_map<request_id, std::size_t, hash> place(&nodes);
  for (const auto& e : events) {
    if (!is_of_request(e.kind) || e.kind == event_kind::over) continue;
    if (e.kind == event_kind::leave) {
      if (place.emplace(e.request, all.size()).second) all.push_back({&e, nullptr});
    } else if (const auto found = place.find(e.request); found != place.end()) {
      all[found->second].end = &e;
      place.erase(found);
    }
  }
  std::erase_if(all, [oldest](const request& r) { return r.end && r.end->at <= oldest; });
  return all;
}

/// A refusal shut the gate, and what is in flight is still to end: neither is a mere number. Nor is what was given up
/// on and may still be counted at `now`: no time of a sum is to come.
bool is_mere_number(const request& r, instant now) {
  if (!r.end || r.end->kind == event_kind::refusal) return false;
  if (r.end->kind != event_kind::gave_up) return true;
  return r.leave->timeout > duration::zero() && r.end->at + r.leave->timeout <= now;
}

/// When it was over at the latest, as far as the server's count goes.
instant over_by(const request& r) {
  return r.end->kind == event_kind::gave_up ? r.end->at + r.leave->timeout : r.end->at;
}

/// Of each process, up to which serial its requests become sums.
std::map<std::uint64_t, std::uint64_t> last_summed(const std::vector<request>& all, instant now) {
  std::map<std::uint64_t, std::uint64_t> last;
  if (all.size() <= most_whole) return last;
  const auto summed = all.size() - most_whole / 2; // so that it is not done again for each few
  for (const auto& r : std::span(all).first(summed))
    if (is_mere_number(r, now)) last[r.leave->request.process] = r.leave->request.serial;
  return last;
}

/// Sums that stand together become one, as far as none then stands for more than a small part of all, and for a time
/// that is short beside its age. `share`: of its age; 0 for any time.
void join_neighbours(std::vector<event>& told, int share) {
  std::uint64_t all = 0;
  auto newest = instant::min();
  for (const auto& e : told) {
    if (e.kind == event_kind::over) all += e.requests;
    newest = std::max(newest, e.at);
  }
  const auto most_together = all / (most_sums / 4) + 1;
  std::vector<event> fewer;
  auto since = instant::min();
  for (const auto& e : told) {
    auto* const before = fewer.empty() ? nullptr : &fewer.back();
    const bool stand_together = before && before->kind == event_kind::over && e.kind == event_kind::over &&
                                before->request.process == e.request.process;
    const bool joins = stand_together && before->requests + e.requests <= most_together &&
                       (share == 0 || e.at - since <= (newest - e.at) / share);
    if (!joins) {
      since = e.at;
      fewer.push_back(e);
      continue;
    }
    before->request.serial = e.request.serial;
    before->requests += e.requests;
    before->at = std::max(before->at, e.at);
  }
  told = std::move(fewer);
}

void thin_out(std::vector<event>& told) {
  const auto are_many = [&told] { return std::ranges::count(told, event_kind::over, &event::kind) > most_sums; };
  if (are_many()) join_neighbours(told, share_of_age);
  if (are_many()) join_neighbours(told, 0); // they came so unevenly
}

/// What is told first, process by process and in order of the serials: the sums, and between them the leaving of the
/// requests that are none.
std::vector<event> told_first(const std::vector<event>& events, const std::vector<request>& requests,
                              const std::map<std::uint64_t, std::uint64_t>& last, instant oldest, instant now) {
  std::vector<event> told;
  for (const auto& e : events)
    if (e.kind == event_kind::over && e.at > oldest) told.push_back(e);
  for (const auto& r : requests) {
    const auto& id = r.leave->request;
    const auto found = last.find(id.process);
    if (found == last.end() || id.serial > found->second) continue;
    if (!is_mere_number(r, now))
      told.push_back(*r.leave);
    else if (r.end->kind != event_kind::unsent)
      told.push_back({event_kind::over, id, over_by(r), {}});
  }
  std::ranges::stable_sort(told, {}, &event::request);
  thin_out(told);
  return told;
}

} // namespace

std::vector<event> what_matters(const std::vector<event>& events, instant oldest) {
  const auto requests = requests_of(events, oldest);
  auto now = instant::min(); // the last that is told of
  for (const auto& e : events)
    now = std::max(now, e.at);
  const auto last = last_summed(requests, now);
  auto matters = told_first(events, requests, last, oldest, now);

  std::pmr::monotonic_buffer_resource nodes;
  std::pmr::unordered_map<request_id, const request*, hash> kept(requests.size(), hash(), {}, &nodes);
  for (const auto& r : requests)
    kept.emplace(r.leave->request, &r);
  std::map<std::uint64_t, const event*> wants; // by process
  for (const auto& e : events) {
    if (e.kind == event_kind::want) wants[e.request.process] = &e;
    if (e.kind == event_kind::leave || e.kind == event_kind::passed_over) wants.erase(e.request.process);
  }
  for (const auto& e : events) {
    if (e.kind == event_kind::over) continue;
    if (!is_of_request(e.kind)) {
      const auto want = wants.find(e.request.process);
      if (want != wants.end() && want->second == &e && e.at > oldest) matters.push_back(e);
      continue;
    }
    const auto found = kept.find(e.request);
    if (found == kept.end()) continue;
    const auto summed = last.find(e.request.process);
    const bool was_told = summed != last.end() && e.request.serial <= summed->second;
    if (!was_told || (e.kind != event_kind::leave && !is_mere_number(*found->second, now))) matters.push_back(e);
  }
  return matters;
}

} // namespace mcbatch::submit
