#include <mcbatch/report/quota_use.hpp>

#include <algorithm>

namespace mcbatch::report {
namespace {

/// Requests that leave at once, in the best of cases.
struct burst {
  duration at;
  std::uint64_t total; // requests until then, these included
};

/// A limit, and how many of the requests have left its window.
struct open_window {
  quota::limit rule;
  std::size_t passed_bursts = 0;
  std::uint64_t passed = 0;

  void pass(const std::vector<burst>& bursts, duration now) {
    for (; passed_bursts < bursts.size() && bursts[passed_bursts].at + rule.window <= now; ++passed_bursts)
      passed = bursts[passed_bursts].total;
  }
};

/// When the last of so many requests leaves at the earliest, if no window of a limit's length holds more than it.
duration earliest(std::uint64_t requests, const quota_use& use, const std::vector<quota::limit>& limits) {
  std::vector<open_window> windows;
  for (const auto& l : limits)
    windows.push_back({l});
  std::vector<burst> bursts;
  duration now{};
  auto idle = use.idle.begin();
  for (std::uint64_t total = 0;;) {
    for (; idle != use.idle.end() && idle->from <= now; ++idle)
      now = std::max(now, idle->to);
    auto room = requests - total;
    for (auto& w : windows) {
      w.pass(bursts, now);
      room = std::min(room, w.rule.requests - (total - w.passed));
    }
    total += room;
    if (total == requests) return now;
    if (room > 0) bursts.push_back({now, total});
    auto next = now;
    for (const auto& w : windows)
      if (total - w.passed == w.rule.requests) next = std::max(next, bursts[w.passed_bursts].at + w.rule.window);
    now = next;
  }
}

/// How much of the time until `at` was not idle.
duration busy(const std::vector<idle_time>& idle, duration at) {
  auto time = at;
  for (const auto& i : idle)
    time -= std::max(std::min(i.to, at) - std::min(i.from, at), duration::zero());
  return time;
}

} // namespace

std::optional<double> used_share(const quota_use& use, const std::vector<quota::limit>& limits) {
  if (use.requests == 0) return std::nullopt;
  const auto needed = busy(use.idle, earliest(use.requests, use, limits));
  if (needed <= duration::zero()) return std::nullopt;
  const auto took = busy(use.idle, use.until);
  if (took <= needed) return 1.0;
  return static_cast<double>(needed.count()) / static_cast<double>(took.count());
}

} // namespace mcbatch::report
