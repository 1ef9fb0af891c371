#include "due_jobs.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace mcbatch::ledger {
namespace {

/// How many are found in one pass over all that are due: a megabyte, and a pass for each so many jobs.
constexpr std::size_t found_at_once = 65'536;

} // namespace

void due_jobs::insert(std::int64_t id, std::optional<wall_time> ends) {
  const auto row = static_cast<std::size_t>(id);
  if (ends && row >= ends_.size()) ends_.resize(row + 1);
  if (row < ends_.size()) {
    const auto seconds = ends ? std::chrono::floor<std::chrono::seconds>(*ends).time_since_epoch().count() : 0;
    constexpr std::int64_t last = std::numeric_limits<seconds_of_1970>::max();
    ends_[row] = ends ? static_cast<seconds_of_1970>(std::clamp<std::int64_t>(seconds, 1, last)) : 0;
  }
  add(id);
}

void due_jobs::put_back(std::int64_t id) {
  add(id);
}

void due_jobs::add(std::int64_t id) {
  soonest_.clear();
  if (due_.insert(id) && end_of(id) != 0) ++ending_;
}

std::optional<std::int64_t> due_jobs::take(fetch_order order) {
  std::optional<std::int64_t> id;
  if (order == fetch_order::soonest_to_expire && any_ends()) {
    if (soonest_.empty()) find_soonest();
    id = soonest_.back().second;
    soonest_.pop_back();
    due_.remove(*id);
  } else {
    soonest_.clear();
    id = due_.take_lowest();
  }
  if (id && end_of(*id) != 0) --ending_;
  return id;
}

void due_jobs::for_each(const std::function<void(std::optional<wall_time>)>& each) const {
  due_.for_each([&](std::int64_t id) {
    const auto end = end_of(id);
    each(end == 0 ? std::nullopt : std::optional(wall_time(std::chrono::seconds(end))));
  });
}

due_jobs::seconds_of_1970 due_jobs::end_of(std::int64_t id) const {
  const auto row = static_cast<std::size_t>(id);
  return row < ends_.size() ? ends_[row] : 0;
}

void due_jobs::find_soonest() {
  // A heap whose greatest is in front: what ends sooner takes its place.
  due_.for_each([&](std::int64_t id) {
    const std::pair candidate(end_of(id), id);
    if (candidate.first == 0) return;
    if (soonest_.size() == found_at_once) {
      if (candidate > soonest_.front()) return;
      std::pop_heap(soonest_.begin(), soonest_.end());
      soonest_.pop_back();
    }
    soonest_.push_back(candidate);
    std::push_heap(soonest_.begin(), soonest_.end());
  });
  std::sort(soonest_.rbegin(), soonest_.rend());
}

} // namespace mcbatch::ledger
