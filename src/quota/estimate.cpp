#include <mcbatch/quota/estimate.hpp>

#include <algorithm>

namespace mcbatch::quota {
namespace {

/// The time that a limit asks for each of its requests: what orders limits from the strictest on.
double pace(const limit& l) {
  return static_cast<double>(l.window.count()) / static_cast<double>(l.requests);
}

} // namespace

turn_estimate::turn_estimate(std::vector<limit> limits) : strictest_first_(std::move(limits)) {
  std::ranges::stable_sort(strictest_first_, std::ranges::greater{}, pace);
}

duration turn_estimate::operator()(std::uint64_t index) const {
  // Request i comes a window after request i - N, at the earliest, for each limit of N. So any sum of windows whose
  // counts add up to `index` at most is a lower bound; taking as many of the strictest as fit, then of the next, gives
  // the largest wherever each count divides the stricter one's, and nearly the largest elsewhere.
  duration turn{};
  for (const auto& l : strictest_first_) {
    const auto windows = index / l.requests;
    if (windows > static_cast<std::uint64_t>((duration::max() - turn) / l.window)) return duration::max();
    turn += static_cast<duration::rep>(windows) * l.window;
    index %= l.requests;
  }
  return turn;
}

} // namespace mcbatch::quota
