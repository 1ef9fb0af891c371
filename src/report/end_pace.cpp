#include <mcbatch/report/end_pace.hpp>

#include <algorithm>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

constexpr duration span = 5min;
constexpr duration between_counts = 1s;
constexpr double longest = 1e9; // s; within what a duration holds

} // namespace

void end_pace::note(std::uint64_t ended, instant now) {
  ended_ = ended;
  if (counts_.empty() || now - counts_.back().at >= between_counts) counts_.push_back({now, ended});
  while (counts_.size() > 1 && now - counts_[1].at >= span)
    counts_.pop_front();
}

std::optional<duration> end_pace::time_left(std::uint64_t open, instant now) const {
  if (open == 0) return duration::zero();
  // Where nothing was noted for long, nothing ended either.
  auto from = std::ranges::find_if(counts_, [now](const count& c) { return now - c.at <= span; });
  if (from != counts_.begin()) --from;
  if (from == counts_.end()) return std::nullopt;
  const auto elapsed = now - from->at;
  if (ended_ <= from->ended || elapsed < between_counts) return std::nullopt;
  const auto seconds = std::chrono::duration<double>(elapsed).count() / static_cast<double>(ended_ - from->ended) *
                       static_cast<double>(open);
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(std::min(seconds, longest)));
}

} // namespace mcbatch::report
