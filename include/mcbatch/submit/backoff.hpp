#ifndef MCBATCH_SUBMIT_BACKOFF_HPP
#define MCBATCH_SUBMIT_BACKOFF_HPP

#include <mcbatch/core/random.hpp>
#include <mcbatch/core/time.hpp>

#include <algorithm>

namespace mcbatch::submit {

inline constexpr duration first_backoff = std::chrono::seconds(1);
inline constexpr duration longest_backoff = std::chrono::minutes(1);

/// How long to wait after `failures` (at least 1) in a row: exponential with full jitter, so that many clients that
/// failed together do not come back together.
inline duration backoff(unsigned failures, random_source& random) {
  const auto doublings = std::min(failures - 1, 16U);
  return random.up_to(std::min(longest_backoff, first_backoff * (1 << doublings)));
}

} // namespace mcbatch::submit

#endif
