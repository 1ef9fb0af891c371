#ifndef MCBATCH_SUBMIT_CLOCKS_HPP
#define MCBATCH_SUBMIT_CLOCKS_HPP

#include <mcbatch/core/time.hpp>

namespace mcbatch::submit {

/// The time now, by both clocks. For the shells: decisions get it as an argument.
inline now_pair read_clocks() {
  return {std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now()),
          std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now())};
}

} // namespace mcbatch::submit

#endif
