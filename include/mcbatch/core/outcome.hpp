#ifndef MCBATCH_CORE_OUTCOME_HPP
#define MCBATCH_CORE_OUTCOME_HPP

#include <mcbatch/core/job.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch {

/// What one try at a job came to. Each is one row of the table of outcomes in the README.
enum class meaning {
  accepted,         ///< 2xx, JSON with an id
  unclear_success,  ///< 2xx otherwise
  rate_limited,     ///< 429
  try_later,        ///< 408, 425
  unavailable,      ///< 503
  unauthorized,     ///< 401
  payment_required, ///< 402
  forbidden,        ///< 403
  redirected,       ///< 3xx
  refused,          ///< any other 4xx
  server_error,     ///< any other 5xx, and any status outside 200 to 599
  not_sent,         ///< failed before the first byte left: DNS, connect, TLS
  untrusted,        ///< failed before the first byte left: the certificate does not verify
  lost,             ///< failed after the first byte left: reset, timeout, truncated, malformed
};

/// "accepted", "rate_limited", ...: for logs and metrics.
std::string_view to_string(meaning m) noexcept;

/// The state that a job enters by an answer of that meaning, before the run's own rules (attempts, forbidden rows,
/// doubt).
job_state state_after(meaning m) noexcept;

/// Whether it tells nothing about the job and something about the service's health.
bool feeds_breaker(meaning m) noexcept;

/// Whether a byte of such a request has left.
constexpr bool byte_left(meaning m) noexcept {
  return m != meaning::not_sent && m != meaning::untrusted;
}

/// What one try came to, with what is kept of the answer.
struct outcome {
  meaning what = meaning::lost;
  int http_status = 0;                               ///< 0: no whole answer came
  std::string job_id;                                ///< the service's id, when accepted
  std::string job_status;                            ///< the service's word for the conversion's state, when accepted
  std::optional<std::int64_t> estimated_cost_micros; ///< millionths of a euro
  std::string error;                                 ///< the service's `error`, or our name for the failure
  std::string message; ///< the service's `message`, or a sentence; one line, bounded, without control characters
};

} // namespace mcbatch

#endif
