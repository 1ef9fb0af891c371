#ifndef MCBATCH_SUBMIT_PACE_HPP
#define MCBATCH_SUBMIT_PACE_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/limit.hpp>

#include <cstdint>

namespace mcbatch::submit {

/// A set rate: when each request is due, counted from the first, evenly spread. Pure, and exact to the nanosecond
/// below: each time is reckoned from the first one, so that nothing drifts however long it goes on.
class pace {
public:
  /// `rate`: so many requests in each window of that length; both above zero.
  explicit pace(quota::limit rate) : rate_(rate) {}

  /// When the n-th request is due, n from 0, if the first was at `first`. The end of all time where that is no instant.
  [[nodiscard]] instant due(instant first, std::uint64_t n) const;

  /// How many are due until `elapsed` after the first, that one and those due just then included; none before it.
  [[nodiscard]] std::uint64_t due_within(duration elapsed) const;

  [[nodiscard]] const quota::limit& rate() const { return rate_; }

private:
  quota::limit rate_;
};

} // namespace mcbatch::submit

#endif
