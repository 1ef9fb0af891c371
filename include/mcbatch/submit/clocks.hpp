#ifndef MCBATCH_SUBMIT_CLOCKS_HPP
#define MCBATCH_SUBMIT_CLOCKS_HPP

#include <mcbatch/core/time.hpp>

namespace mcbatch::submit {

/// The time now, by both clocks. For the shells: decisions get it as an argument.
inline now_pair read_clocks() {
  return {std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now()),
          std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now())};
}

/// What the civil clock will show at `at`, unless it is set before. Pure.
constexpr wall_time at_wall(instant at, now_pair now) {
  return now.wall + std::chrono::duration_cast<wall_time::duration>(at - now.mono);
}

} // namespace mcbatch::submit

#endif
