#ifndef MCBATCH_QUOTA_RATE_HEADERS_HPP
#define MCBATCH_QUOTA_RATE_HEADERS_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace mcbatch::quota {

/// What an answer's rate headers say, as far as it makes sense: how one window stands, the longest of those described,
/// and how long to wait. Times are relative to the answer's own Date, so that the two sides' clocks need not agree, and
/// a year at most.
struct rate_info {
  std::optional<std::uint64_t> limit{};     ///< of requests in the window, positive
  bool unlimited = false;                   ///< Limit says that there is none
  std::optional<std::uint64_t> remaining{}; ///< of the window
  std::optional<duration> reset_in{};       ///< until the window's end: from the answer's Date on, positive
  std::optional<std::int64_t> reset_at{};   ///< the same as Unix seconds, where it was sent as a point in time
  std::optional<duration> retry_after{};    ///< Retry-After, not negative
  std::optional<duration> window{};         ///< how long the window is, where that is told; positive
  std::optional<duration> exhausted_for{};  ///< until the last of those windows ends of which nothing remains; positive

  friend bool operator==(const rate_info&, const rate_info&) = default;

  /// Whether the window has room, so that it cannot be the one that refused a request.
  [[nodiscard]] bool has_room() const { return remaining ? *remaining > 0 : unlimited; }

  /// How long a 429 with this asks to wait: for Retry-After, else until those windows end of which nothing remains,
  /// else until Reset, unless that is the end of a window that has room.
  [[nodiscard]] std::optional<duration> asked_wait() const {
    if (retry_after) return retry_after;
    if (exhausted_for) return exhausted_for;
    return has_room() ? std::nullopt : reset_in;
  }
};

/// Reads the rate headers that services are known to send. Pure, and its work is bounded whatever the fields hold.
///
/// Windows: `X-RateLimit-Limit`, `-Remaining` and `-Reset`, which the service documents; the same under
/// `X-Rate-Limit-` and `RateLimit-`; and `RateLimit` with `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers, all
/// of its forms). They are not mixed, since each may describe another window: the first of these families that has
/// Limit, Remaining and Reset counts, else the first that says anything. Of several windows in it the longest up to an
/// hour counts.
///
/// Reset may be Unix time in whatever unit, seconds from now, a duration ("6m0s") or a date. Retry-After (RFC 9110,
/// section 10.2.3: seconds or HTTP-date) may be any of these too; the longest counts where it stands several times.
///
/// Whatever is malformed, negative, past, or more than a year away is left out. `arrived` is our own clock at the
/// answer's arrival; it stands in only where the answer has no Date.
rate_info parse_rate_headers(const headers& fields, wall_time arrived);

} // namespace mcbatch::quota

#endif
