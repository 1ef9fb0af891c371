#ifndef MCBATCH_QUOTA_ESTIMATE_HPP
#define MCBATCH_QUOTA_ESTIMATE_HPP

#include <mcbatch/quota/limit.hpp>

#include <cstdint>
#include <vector>

namespace mcbatch::quota {

/// When the turn of each of many requests comes, at the earliest, under limits that hold in any window of theirs, with
/// answers that take no time and nothing spent before: a lower bound of what a run takes. Exact for the tiers.
class turn_estimate {
public:
  explicit turn_estimate(std::vector<limit> limits);

  /// The turn of the request number `index`, counted from 0, after the start; never earlier than that of a lesser
  /// index. What is beyond the range of `duration`, some 292 years, is its maximum.
  [[nodiscard]] duration operator()(std::uint64_t index) const;

private:
  std::vector<limit> strictest_first_;
};

} // namespace mcbatch::quota

#endif
