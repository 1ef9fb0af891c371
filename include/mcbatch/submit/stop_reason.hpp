#ifndef MCBATCH_SUBMIT_STOP_REASON_HPP
#define MCBATCH_SUBMIT_STOP_REASON_HPP

#include <string_view>

namespace mcbatch::submit {

/// Why a run ended.
enum class stop_reason {
  done,         ///< nothing was left to send
  signal,       ///< SIGINT or SIGTERM
  max_duration, ///< the user's limits
  max_jobs,
  max_cost,
  unauthorized,     ///< 401, and no other token to be had
  forbidden,        ///< a row of 403s
  payment_required, ///< 402
  redirected,       ///< 3xx
  outage,           ///< no working service for longer than the user allows
  tls,              ///< the service's certificate does not verify
  ledger,           ///< the ledger could not be written
};

/// "done", "max_jobs", ...: as in the summary.
std::string_view to_string(stop_reason reason) noexcept;

} // namespace mcbatch::submit

#endif
