#ifndef MCBATCH_SRC_QUOTA_HEADER_TIME_HPP
#define MCBATCH_SRC_QUOTA_HEADER_TIME_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace mcbatch::quota {

/// What is farther away makes no sense in a header.
inline constexpr duration farthest = std::chrono::hours(24 * 366);

/// How far away a header says that something is.
struct header_time {
  duration in;                      ///< from the answer's Date on; not negative, a year at most
  std::optional<std::int64_t> at{}; ///< the same as Unix seconds, where it was sent as a point in time
};

/// Reads a time in any of the forms that services send:
/// - a number: of seconds from now; beyond a billion (2001) a Unix time, by its size in seconds, milliseconds,
///   microseconds or nanoseconds; possibly with a fraction;
/// - a duration as Go writes it: "6m0s", "1h2m3.5s", "250ms";
/// - an HTTP-date, or a date of RFC 3339.
/// Nothing where it is malformed, negative, past, or more than a year away. `date`: the answer's own.
std::optional<header_time> parse_header_time(std::string_view text, wall_time date);

} // namespace mcbatch::quota

#endif
