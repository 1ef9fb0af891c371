#ifndef MCBATCH_CORE_DATE_HPP
#define MCBATCH_CORE_DATE_HPP

#include <mcbatch/core/time.hpp>

#include <optional>
#include <string_view>

namespace mcbatch {

/// A date and time of RFC 3339, section 5.6, with whatever offset: "2024-01-15T12:00:00.5+01:00".
std::optional<wall_time> parse_rfc3339(std::string_view text);

/// An HTTP-date in any of the three forms of RFC 9110, section 5.6.7 ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday,
/// 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"). Two digits of a year mean 1969 to 2068.
std::optional<wall_time> parse_http_date(std::string_view text);

} // namespace mcbatch

#endif
