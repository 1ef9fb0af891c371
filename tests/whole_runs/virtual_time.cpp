#include "whole_runs/virtual_time.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace mcbatch::whole_runs {
namespace {

using std::chrono::duration_cast;

struct {
  bool on = false;
  instant now;            // the world's
  wall_time beginning;    // the civil time at the world's instant 0
  duration slept{};       // by how much the machine's monotonic clock is behind
  duration civil_ahead{}; // of the machine
  int timers = -1;        // the descriptor that wakes Asio for its timers
  bool armed = false;     // it is set to a time long ago, and so stays readable: nobody reads it
  bool rung = false;      // it is readable
  std::optional<instant> due;
} state;

timespec to_timespec(duration since) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  return {static_cast<std::time_t>(whole.count()), static_cast<long>((since - whole).count())};
}

duration of(const timespec& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

long set_timer(int fd, int flags, const itimerspec* value, itimerspec* former) {
  return ::syscall(SYS_timerfd_settime, fd, flags, value, former);
}

/// Whoever polls the descriptor finds that a timer is due.
void ring() {
  state.due.reset();
  if (state.timers < 0) return;
  const itimerspec long_ago{{0, 0}, {0, 1}};
  state.armed = state.armed || set_timer(state.timers, TFD_TIMER_ABSTIME, &long_ago, nullptr) == 0;
  state.rung = state.armed;
}

wall_time civil_time(instant at) {
  return state.beginning + duration_cast<wall_time::duration>(at.time_since_epoch());
}

} // namespace

virtual_time::virtual_time(instant mono, wall_time wall) {
  if (state.on) std::abort();
  state = {};
  state.now = mono;
  state.beginning = wall - duration_cast<wall_time::duration>(mono.time_since_epoch());
  state.on = true;
}

virtual_time::~virtual_time() {
  state.on = false;
}

instant virtual_time::now() const {
  return state.now;
}

now_pair virtual_time::worlds_clocks() const {
  return {state.now, civil_time(state.now)};
}

void virtual_time::advance_to(instant at) {
  state.now = std::max(state.now, at);
  if (state.due && *state.due <= state.now) ring();
}

void virtual_time::suspend_until(instant at) {
  const auto slept = at - state.now;
  state.now = at;
  state.slept += slept;
  if (state.due) *state.due += slept;
}

void virtual_time::set_civil_clock_ahead(duration by) {
  state.civil_ahead = by;
}

std::optional<instant> virtual_time::next_timer() const {
  return state.due;
}

void virtual_time::forget_timers() {
  state.timers = -1;
  state.armed = state.rung = false;
  state.due.reset();
}

} // namespace mcbatch::whole_runs

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  using namespace mcbatch::whole_runs;
  if (!state.on || (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME))
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
  const auto since_epoch = clock == CLOCK_MONOTONIC ? (state.now - state.slept).time_since_epoch()
                                                    : civil_time(state.now).time_since_epoch() + state.civil_ahead;
  *now = to_timespec(since_epoch);
  return 0;
}

extern "C" int timerfd_settime(int fd, int flags, const itimerspec* value, itimerspec* former) noexcept {
  using namespace mcbatch::whole_runs;
  if (!state.on) return static_cast<int>(set_timer(fd, flags, value, former));
  state.armed = state.armed && fd == state.timers;
  state.timers = fd;
  if ((flags & TFD_TIMER_ABSTIME) != 0) { // Asio says "at once" that way
    ring();
    return 0;
  }
  // Asio's reactor waits in whole microseconds, rounded down; and a timer fires when it is due, not before.
  const auto wait = of(value->it_value);
  state.due = wait == mcbatch::duration::zero() ? std::nullopt : std::optional(state.now + wait);
  return 0;
}

/// There is nothing but timers to be polled for: where none is due, the kernel need not be asked.
extern "C" int epoll_wait(int fd, epoll_event* events, int most, int timeout) {
  using namespace mcbatch::whole_runs;
  if (state.on && timeout == 0 && !std::exchange(state.rung, false)) return 0;
  return static_cast<int>(::syscall(SYS_epoll_wait, fd, events, most, timeout));
}
