#ifndef MCBATCH_REPORT_QUOTA_USE_HPP
#define MCBATCH_REPORT_QUOTA_USE_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/limit.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace mcbatch::report {

/// A time in which a run had nothing to send or might not: it was reading, in an outage, in a backoff, stopping.
struct idle_time {
  duration from, to;
};

/// How a run went about its quota. Times are counted from its first request.
struct quota_use {
  std::uint64_t requests = 0;    ///< that left by `until`, but for those that a 429 refused
  duration until{};              ///< when the last of them left that had waited for a window
  std::vector<idle_time> idle{}; ///< in the order of time, none over another
};

/// The share of the quota that was used while work was waiting, above 0 and at most 1: the time that the limits ask for
/// so many requests, by the time that they took; idle times count on neither side. A client that lost no moment, and
/// kept the limits in every window of their length, comes to 1, however few the windows: to count requests by what the
/// limits allow would charge a run for the part of its last burst that it had no jobs for.
///
/// Nothing where it says nothing: no request left after a wait for a window, or the limits alone asked for no wait.
///
/// It is the run's own share, as if nothing had been spent before its first request: what other runs of the account
/// spent, beside it or shortly before, counts as not used. Where the service's own hour gives more than the limit in
/// any hour it is 1. Pure.
std::optional<double> used_share(const quota_use& use, const std::vector<quota::limit>& limits);

} // namespace mcbatch::report

#endif
