#include <mcbatch/simulation/forecast.hpp>

#include <mcbatch/quota/spend_log.hpp>

#include <algorithm>

namespace mcbatch::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_played = 30'000; // requests
constexpr std::size_t played_at_once = 1'000;
constexpr duration year = 365 * 24h;
constexpr duration longest_played = 10 * year;
constexpr duration longest_window = 100 * year; // in what is played, where it ends after all that is

duration saturated_sum(duration a, duration b) {
  return a > duration::max() - b ? duration::max() : a + b;
}

duration saturated_product(std::uint64_t n, duration d) {
  if (n > static_cast<std::uint64_t>(duration::max() / d)) return duration::max();
  return static_cast<duration::rep>(n) * d;
}

plan plan_of(std::vector<quota::limit> limits) {
  plan p;
  run_plan r;
  r.jobs = most_played + 1; // so that it never comes to its end
  for (auto& l : limits) {
    l.window = std::min(l.window, longest_window); // clocks run for centuries, not for a thousand years
    p.service.limits.push_back({l.requests, l.window});
  }
  r.quota.limits = std::move(limits);
  p.service.window = sandbox::window_kind::sliding;
  p.service.headers = sandbox::header_kind::none;
  p.net = {forecast::round_trip, forecast::round_trip};
  p.runs.push_back(std::move(r));
  return p;
}

} // namespace

forecast::forecast(std::vector<quota::limit> limits) {
  set_bounds(limits);
  run_ = std::make_unique<class simulation>(plan_of(std::move(limits)));
}

void forecast::set_bounds(const std::vector<quota::limit>& limits) {
  std::vector<bound> all{{submit::scheduler_settings{}.max_in_flight, round_trip}};
  for (const auto& l : limits) {
    // Longer than any window that is played: only to be multiplied.
    const auto window =
        l.window > longest_window ? saturated_sum(l.window, l.window / 2000) : quota::stretched(l.window);
    all.push_back({l.requests, saturated_sum(window, round_trip)});
  }
  const auto pace = [](const bound& b) {
    return static_cast<double>(b.time.count()) / static_cast<double>(b.requests);
  };
  std::ranges::stable_sort(all, std::ranges::greater{}, pace);
  for (const auto& b : all) {
    const auto holds_by_itself = [&b](const bound& stricter) {
      const auto windows = b.requests / stricter.requests;
      return windows > 0 && saturated_product(windows, stricter.time) >= b.time;
    };
    if (std::ranges::none_of(bounds_, holds_by_itself)) bounds_.push_back(b);
  }
}

duration forecast::operator()(std::uint64_t index) {
  play_until_known(index);
  return extrapolate(index, 0);
}

void forecast::play_until_known(std::uint64_t index) {
  while (run_ && turns_.size() <= index) {
    const auto known = turns_.size();
    run_->run_until(longest_played, std::min<std::uint64_t>(index, known + played_at_once) + 1);
    const auto& sent = run_->seen().requests;
    const bool goes_on = sent.size() > known;
    while (turns_.size() < std::min(sent.size(), most_played) && !repeats())
      take_turn(sent[turns_.size()].left);
    if (!goes_on || repeats() || turns_.size() == most_played) run_.reset();
  }
}

void forecast::take_turn(duration turn) {
  const auto& [requests, time] = bounds_.front();
  const bool is_alike = turns_.size() >= requests && turn - turns_[turns_.size() - requests] == time;
  alike_ = is_alike ? alike_ + 1 : 0;
  turns_.push_back(turn);
}

/// A turn follows from those before it as far back as the largest count of a bound reaches. Once that many have come as
/// their window before did, everything does.
bool forecast::repeats() const {
  return alike_ >= std::ranges::max(bounds_, {}, &bound::requests).requests;
}

/// The strictest bound's windows follow one another; where not even one of them was played, what is beyond its last
/// whole window goes by the next bound.
duration forecast::extrapolate(std::uint64_t index, std::size_t from_bound) const {
  const auto played = turns_.size();
  if (index < played) return turns_[static_cast<std::size_t>(index)];
  const auto& [requests, time] = bounds_[from_bound];
  if (requests > played) {
    const auto within = extrapolate(index % requests, from_bound + 1);
    return saturated_sum(saturated_product(index / requests, time), std::min(within, time));
  }
  const auto windows = (index - played) / requests + 1;
  const auto place = static_cast<std::size_t>(index - windows * requests);
  // Where it does not repeat, a window's first turn must not come before the last one of the window before.
  return saturated_sum(saturated_product(windows - 1, time),
                       std::max(turns_.back(), saturated_sum(turns_[place], time)));
}

} // namespace mcbatch::simulation
