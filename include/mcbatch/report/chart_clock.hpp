#ifndef MCBATCH_REPORT_CHART_CLOCK_HPP
#define MCBATCH_REPORT_CHART_CLOCK_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/submit/clocks.hpp>

namespace mcbatch::report {

/// The times of a live history. The civil clock may be set while it grows: so it goes by the monotonic one from its
/// beginning on, and is moved to where the civil clock stands when it is shown. Pure.
class chart_clock {
public:
  explicit chart_clock(now_pair began) : began_(began) {}

  /// For `history`.
  [[nodiscard]] wall_time at(instant t) const { return submit::at_wall(t, began_); }
  /// How far what has the times of `at` must be moved to be shown at `now`: in whole seconds, as slices begin.
  [[nodiscard]] std::chrono::seconds shift(now_pair now) const {
    return std::chrono::round<std::chrono::seconds>(now.wall - at(now.mono));
  }

private:
  now_pair began_;
};

} // namespace mcbatch::report

#endif
