#ifndef MCBATCH_QUOTA_RATE_HEADERS_HPP
#define MCBATCH_QUOTA_RATE_HEADERS_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>

namespace mcbatch::quota {

/// What an answer's rate headers say, as far as it makes sense. Times are relative to the answer's own Date, so that
/// the two sides' clocks need not agree.
struct rate_info {
  std::optional<std::uint64_t> limit{};     ///< X-RateLimit-Limit
  bool unlimited = false;                   ///< X-RateLimit-Limit says that there is none
  std::optional<std::uint64_t> remaining{}; ///< X-RateLimit-Remaining
  std::optional<duration> reset_in{};       ///< X-RateLimit-Reset: from the answer's Date on, positive
  std::optional<std::int64_t> reset_at{};   ///< the same as Unix seconds, where it was sent as a point in time
  std::optional<duration> retry_after{};    ///< Retry-After, not negative

  /// How long the server asked to wait: Retry-After, else Reset.
  [[nodiscard]] std::optional<duration> asked_wait() const { return retry_after ? retry_after : reset_in; }
};

/// Reads X-RateLimit-Limit, -Remaining and -Reset (Unix seconds or milliseconds, or seconds from now) and Retry-After
/// (RFC 9110, section 10.2.3: seconds or HTTP-date). Whatever is malformed, negative, past, or more than a year away is
/// left out. `arrived` is our own clock at the answer's arrival; it stands in only where the answer has no Date.
rate_info parse_rate_headers(const headers& fields, wall_time arrived);

/// An HTTP-date in the form that RFC 9110, section 5.6.7 has servers send ("Sun, 06 Nov 1994 08:49:37 GMT").
std::optional<wall_time> parse_http_date(std::string_view text);

} // namespace mcbatch::quota

#endif
