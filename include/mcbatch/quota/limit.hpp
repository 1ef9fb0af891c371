#ifndef MCBATCH_QUOTA_LIMIT_HPP
#define MCBATCH_QUOTA_LIMIT_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::quota {

/// At most `requests` in any `window`.
struct limit {
  std::uint64_t requests;
  duration window;
  friend bool operator==(const limit&, const limit&) = default;
};

/// "200/60s" and the like: a positive count, a slash, a positive duration.
result<limit> parse_limit(std::string_view text);

/// What `parse_limit` reads back.
std::string to_string(const limit& l);

/// The account's tiers, least first (the vendor's documentation, Rate limits).
enum class tier { free, basic, pro, enterprise };

std::string_view to_string(tier t) noexcept;
std::optional<tier> tier_from_string(std::string_view text) noexcept;

/// The tier's limits, the shortest window first: a burst per minute and, but for Enterprise, a figure per hour.
const std::vector<limit>& limits_of(tier t);

} // namespace mcbatch::quota

#endif
