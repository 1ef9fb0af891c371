#ifndef MCBATCH_TESTS_WHOLE_RUNS_VIRTUAL_TIME_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_VIRTUAL_TIME_HPP

#include <mcbatch/core/time.hpp>

#include <optional>

namespace mcbatch::whole_runs {

/// The time of this program, Asio's timers included: it stands still until it is moved. While one lives, both clocks
/// and the timers of the one io_context that lives beside it are its own. One at a time, one thread.
///
/// The program's own clock_gettime and timerfd_settime are found before the C library's, by every library.
class virtual_time {
public:
  virtual_time(instant mono, wall_time wall);
  ~virtual_time();
  virtual_time(const virtual_time&) = delete;
  virtual_time& operator=(const virtual_time&) = delete;

  /// Real time, so to speak: that of the world around. It never goes back.
  [[nodiscard]] instant now() const;
  [[nodiscard]] now_pair worlds_clocks() const;

  /// Moves on, and makes due what timers wait for until then.
  void advance_to(instant at);

  /// Moves on while the machine sleeps: its monotonic clock stands still.
  void suspend_until(instant at);

  /// Sets the machine's civil clock that much ahead of the world's.
  void set_civil_clock_ahead(duration by);

  /// When the next timer is due, if any is set.
  [[nodiscard]] std::optional<instant> next_timer() const;

  /// Forgets the timers of an io_context that is gone.
  void forget_timers();
};

} // namespace mcbatch::whole_runs

#endif
