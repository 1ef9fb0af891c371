#ifndef MCBATCH_SANDBOX_RATE_HEADERS_HPP
#define MCBATCH_SANDBOX_RATE_HEADERS_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::sandbox {

/// What the X-RateLimit headers may be like. The vendor's documentation shows `hour`; the rest is what a client must
/// survive.
enum class header_kind {
  hour,     ///< the longest window's Limit and Remaining, and its Reset as a Unix time in seconds
  minute,   ///< the same of the shortest window
  none,     ///< no such headers
  millis,   ///< the longest window's, with Reset as a Unix time in milliseconds
  relative, ///< the longest window's, with Reset as seconds from now
  past,     ///< the longest window's, with Reset an hour ago
  garbage,  ///< text, NaN, negative numbers, overflow: another row of nonsense on each answer
  shuffled, ///< the hour's and the minute's by turns
};

/// "hour", "minute", ...: the names above.
std::optional<header_kind> header_kind_from_string(std::string_view text) noexcept;

/// Whether the `nth` answer (from 0) describes the shortest window rather than the longest.
bool describes_shortest(header_kind kind, std::uint64_t nth) noexcept;

/// What is said of one window.
struct rate_view {
  std::uint64_t limit;
  std::uint64_t remaining;
  duration until_reset;
};

/// Adds the headers of the `nth` answer (from 0) to `fields`. `now` is the server's own clock. Reset is rounded up, so
/// that who waits until then has waited long enough.
void add_rate_headers(headers& fields, header_kind kind, const rate_view& view, wall_time now, std::uint64_t nth);

/// A date as HTTP writes it (RFC 9110, section 5.6.7): "Mon, 15 Jan 2024 10:30:00 GMT".
std::string http_date(wall_time t);

} // namespace mcbatch::sandbox

#endif
