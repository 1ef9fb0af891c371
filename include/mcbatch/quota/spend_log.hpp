#ifndef MCBATCH_QUOTA_SPEND_LOG_HPP
#define MCBATCH_QUOTA_SPEND_LOG_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/limit.hpp>
#include <mcbatch/quota/time_tally.hpp>

#include <cstdint>
#include <optional>

namespace mcbatch::quota {

/// The tokens that are out, for any number of windows at once.
///
/// A token is spent when its request leaves and comes back one window after the answer arrived. The server counted the
/// request somewhere between the two, so no window of the server's, wherever it begins, holds more than the limit: not
/// a fixed one, nor a sliding one, nor a bucket that refills at the limit. A bucket of our own that starts full and
/// refills would let twice the limit through in its first window.
class spend_log {
public:
  void leave() { ++in_flight_; }

  /// A request is over; the server can have counted it no later than `at`. Calls are cheapest in order of `at`.
  void settle(instant at);

  /// So many others were over by then.
  void remember(instant at, std::uint64_t requests) { settled_.add(at, requests); }

  /// A request did not leave after all.
  void refund() { --in_flight_; }

  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }

  /// How many tokens of a window of that length are out at `now`.
  [[nodiscard]] std::uint64_t spent(instant now, duration window) const;

  /// How many requests were over later than `at`.
  [[nodiscard]] std::uint64_t settled_after(instant at) const;

  /// From when on fewer than `limit.requests` are out: `now` or earlier if that is so already, nothing if it takes an
  /// answer to a request that is in flight.
  [[nodiscard]] std::optional<instant> free_from(instant now, const limit& l) const;

  /// Forgets what no window up to that length holds any longer.
  void forget_before(instant now, duration longest_window);

private:
  std::uint64_t in_flight_ = 0;
  time_tally settled_;
};

/// A window as we keep it: 0.05 % longer than the server's, for clocks that drift apart.
constexpr duration stretched(duration window) {
  return window + window / 2000;
}

} // namespace mcbatch::quota

#endif
