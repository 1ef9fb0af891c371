#ifndef MCBATCH_CORE_TIME_HPP
#define MCBATCH_CORE_TIME_HPP

#include <chrono>

namespace mcbatch {

/// Every length of time in mcbatch: nanoseconds, signed.
using duration = std::chrono::nanoseconds;

/// A point on the monotonic clock (CLOCK_MONOTONIC). Waits and quotas are measured on it; it means nothing outside one
/// boot of one machine.
using instant = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// A point on the civil clock, UTC, in microseconds. It is recorded and shown, and never waited on: it may jump.
using wall_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// The two clocks read together: what a decision needs that must compare a server's date with our own waiting.
struct now_pair {
  instant mono;
  wall_time wall;
};

} // namespace mcbatch

#endif
