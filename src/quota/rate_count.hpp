#ifndef MCBATCH_SRC_QUOTA_RATE_COUNT_HPP
#define MCBATCH_SRC_QUOTA_RATE_COUNT_HPP

#include <cstdint>
#include <optional>
#include <string_view>

namespace mcbatch::quota {

/// A Limit and a Remaining, as far as they make sense.
struct rate_count {
  std::optional<std::uint64_t> limit{}; ///< positive
  bool unlimited = false;               ///< Limit says that there is none, and Remaining does not contradict
  std::optional<std::uint64_t> remaining{};
};

/// Reads plain decimal numbers: what has a fraction, an exponent, a unit or separators is left out. Beside a Remaining
/// that is nonsense (negative is not, of a quota that is overdrawn) a Limit counts for nothing.
///
/// Which tier is meant hangs on `unlimited`, and too high a one exceeds the account's limits. So Limit has to say it in
/// a known way: a word for it, -1, 0, or the largest number of an integer type. And Remaining has to be absent, a word
/// for it as well, 0 beside a Limit of 0, or to count down from the largest number. A 0 is the most doubtful: it counts
/// only where Reset agrees (`reset_agrees`: it is absent, nothing, or a time to come). Whether it is that of a refused
/// request, the answer's status tells, not these.
rate_count read_count(std::optional<std::string_view> limit, std::optional<std::string_view> remaining,
                      bool reset_agrees = true);

/// Whether `text` is one of the words for "no limit": "unlimited", "-1", "none" and so on, in any case.
bool is_word_for_unlimited(std::string_view text);

} // namespace mcbatch::quota

#endif
