#include <mcbatch/report/history.hpp>

#include <algorithm>
#include <utility>

namespace mcbatch::report {
namespace {

latency_figures figures_of(const latency_histogram& l) {
  return {l.percentile(0.5), l.percentile(0.9), l.percentile(0.99), l.max()};
}

/// What was counted last ends the column of a window; where nothing was, it is 0.
std::uint64_t& grown(std::vector<std::uint64_t>& most, std::size_t window, std::size_t windows) {
  if (most.empty()) most.resize(windows);
  return most[window];
}

} // namespace

void window_count::add(wall_time at, std::uint64_t requests) {
  const bool same = !moments_.empty() && at - moments_.back().at < window_ / 1000;
  if (!same) moments_.push_back({at, 0});
  moments_.back().requests += requests;
  within_ += requests;
}

std::uint64_t window_count::at(wall_time now) {
  for (; !moments_.empty() && now - moments_.front().at >= window_; moments_.pop_front())
    within_ -= moments_.front().requests;
  return within_;
}

void history::request_slice::merge(request_slice&& later) {
  sent += later.sent;
  accepted += later.accepted;
  rejected += later.rejected;
  in_doubt += later.in_doubt;
  rate_limited += later.rate_limited;
  put_back += later.put_back;
  told += later.told;
  if (latency && later.latency)
    latency->add(*later.latency);
  else if (later.latency)
    latency = std::move(later.latency);
  figures.reset();
  for (std::size_t i = 0; i < later.most.size(); ++i) {
    auto& mine = grown(most, i, later.most.size());
    mine = std::max(mine, later.most[i]);
  }
}

void history::conversion_slice::merge(conversion_slice&& later) {
  completed += later.completed;
  failed += later.failed;
  cancelled += later.cancelled;
}

history::history(const std::vector<duration>& windows) {
  for (const auto window : windows)
    windows_.emplace_back(window);
}

void history::sent(wall_time at) {
  if (last_sent_) at = std::max(at, *last_sent_);
  ++requests_.at(at).sent;
  count_windows(at);
  auto& slice = requests_.slices()[requests_.index_of(at)];
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    windows_[i].add(at);
    auto& most = grown(slice.most, i, windows_.size());
    most = std::max(most, windows_[i].at(at));
  }
  last_sent_ = at;
}

void history::remember(wall_time at, std::uint64_t requests) {
  for (auto& window : windows_)
    window.add(at, requests);
}

/// A slice begins with what is in the windows then, even if nothing is sent in it.
void history::count_windows(wall_time until) {
  if (!last_sent_) return;
  for (auto i = requests_.index_of(*last_sent_) + 1; i <= requests_.index_of(until); ++i)
    for (std::size_t w = 0; w < windows_.size(); ++w)
      grown(requests_.slices()[i].most, w, windows_.size()) =
          windows_[w].at(requests_.start() + static_cast<std::int64_t>(i) * requests_.length());
}

void history::answered(wall_time at, try_end how, std::optional<duration> latency) {
  auto& slice = requests_.at(at);
  switch (how) {
  case try_end::accepted:
    ++slice.accepted;
    break;
  case try_end::rejected:
    ++slice.rejected;
    break;
  case try_end::in_doubt:
    ++slice.in_doubt;
    break;
  case try_end::rate_limited:
    ++slice.rate_limited;
    break;
  case try_end::put_back:
    ++slice.put_back;
    break;
  case try_end::told:
    ++slice.told;
    break;
  }
  if (!latency) return;
  if (!slice.latency) slice.latency.emplace();
  slice.latency->add(*latency);
  slice.figures.reset();
  latency_.add(*latency);
}

void history::ended(wall_time at, conversion_state how) {
  auto& slice = conversions_.at(at);
  if (how == conversion_state::completed) ++slice.completed;
  if (how == conversion_state::failed) ++slice.failed;
  if (how == conversion_state::cancelled) ++slice.cancelled;
}

void history::reach(wall_time now) {
  if (!requests_.slices().empty() && now > requests_.start()) static_cast<void>(requests_.at(now));
  if (!conversions_.slices().empty() && now > conversions_.start()) static_cast<void>(conversions_.at(now));
}

request_series history::requests(const std::vector<limit_use>& limits) const {
  request_series all;
  all.start = requests_.start();
  all.slice = requests_.length();
  for (const auto& s : requests_.slices()) {
    all.sent.push_back(s.sent);
    all.accepted.push_back(s.accepted);
    all.rejected.push_back(s.rejected);
    all.in_doubt.push_back(s.in_doubt);
    all.rate_limited.push_back(s.rate_limited);
    all.put_back.push_back(s.put_back);
    all.told.push_back(s.told);
    if (s.latency && !s.figures) s.figures = figures_of(*s.latency);
    all.latency.push_back(s.figures);
  }
  for (const auto& l : limits)
    all.windows.push_back(window_column(l.rule.window));
  return all;
}

std::vector<std::uint64_t> history::window_column(duration window) const {
  std::vector<std::uint64_t> column;
  const auto counted = std::ranges::find(windows_, window, &window_count::window);
  if (counted == windows_.end()) return column;
  auto rest = *counted; // it empties in the slices after the last request
  for (std::size_t i = 0; i < requests_.slices().size(); ++i) {
    const auto& most = requests_.slices()[i].most;
    const auto begins = requests_.start() + static_cast<std::int64_t>(i) * requests_.length();
    if (!most.empty())
      column.push_back(most[static_cast<std::size_t>(counted - windows_.begin())]);
    else
      column.push_back(last_sent_ && begins > *last_sent_ ? rest.at(begins) : 0);
  }
  return column;
}

conversion_series history::ended_conversions() const {
  conversion_series all;
  all.start = conversions_.start();
  all.slice = conversions_.length();
  for (const auto& s : conversions_.slices()) {
    all.completed.push_back(s.completed);
    all.failed.push_back(s.failed);
    all.cancelled.push_back(s.cancelled);
  }
  return all;
}

std::optional<latency_figures> history::latency() const {
  return latency_.count() > 0 ? std::optional(figures_of(latency_)) : std::nullopt;
}

} // namespace mcbatch::report
