#ifndef MCBATCH_QUOTA_RFC3339_HPP
#define MCBATCH_QUOTA_RFC3339_HPP

#include <mcbatch/core/time.hpp>

#include <optional>
#include <string_view>

namespace mcbatch::quota {

/// A date and time of RFC 3339, section 5.6, with whatever offset: "2024-01-15T12:00:00.5+01:00".
std::optional<wall_time> parse_rfc3339(std::string_view text);

} // namespace mcbatch::quota

#endif
