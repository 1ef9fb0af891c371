#include "simulation/optimum.hpp"

#include <algorithm>

namespace mcbatch::simulation::test {

using namespace std::chrono_literals;

optimum::optimum(std::vector<quota::limit> limits, std::optional<duration> hour_turns)
    : limits_(std::move(limits)), hour_turns_(hour_turns) {}

std::vector<duration> optimum::left_by(duration end) const {
  std::vector<duration> leaves;
  std::uint64_t in_hour = 0;
  auto turns = hour_turns_.value_or(duration::max());
  for (duration now{};; leaves.push_back(now)) {
    for (const auto& l : limits_) {
      const bool services = hour_turns_ && l.window >= 1h;
      if (services && in_hour >= l.requests) now = std::max(now, turns);
      if (!services && leaves.size() >= l.requests) now = std::max(now, leaves[leaves.size() - l.requests] + l.window);
    }
    if (now > end) return leaves;
    for (; now >= turns; turns += 1h)
      in_hour = 0;
    ++in_hour;
  }
}

} // namespace mcbatch::simulation::test
