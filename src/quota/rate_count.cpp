#include "quota/rate_count.hpp"

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/text.hpp>

#include <algorithm>
#include <array>

namespace mcbatch::quota {
namespace {

/// The largest signed and unsigned 32 and 64 bit numbers, and JavaScript's largest whole one.
constexpr std::array<std::uint64_t, 5> largest_numbers{INT32_MAX, UINT32_MAX, (1ULL << 53) - 1, INT64_MAX, UINT64_MAX};

} // namespace

bool is_word_for_unlimited(std::string_view text) {
  static constexpr std::array<std::string_view, 12> words{
      "unlimited", "-1", "none", "null", "nil", "inf", "infinity", "infinite", "∞", "no-limit", "no_limit", "nolimit"};
  return std::ranges::any_of(words, [text](auto word) { return iequals(text, word); });
}

rate_count read_count(std::optional<std::string_view> limit, std::optional<std::string_view> remaining,
                      bool reset_agrees) {
  rate_count read;
  if (remaining) read.remaining = parse_integer<std::uint64_t>(*remaining);
  if (!limit) return read;

  const auto count = parse_integer<std::uint64_t>(*limit);
  const bool is_largest = count && std::ranges::find(largest_numbers, *count) != largest_numbers.end();
  const bool is_zero = count == 0U && reset_agrees;
  const bool none_remains_to_count = !remaining || is_word_for_unlimited(*remaining);
  if (is_word_for_unlimited(*limit))
    read.unlimited = none_remains_to_count;
  else if (is_zero)
    read.unlimited = none_remains_to_count || read.remaining == 0U;
  else if (is_largest)
    read.unlimited = none_remains_to_count || read.remaining >= *count / 2;

  const bool makes_sense = none_remains_to_count || read.remaining || parse_integer<std::int64_t>(*remaining);
  if (count && *count > 0 && !read.unlimited && makes_sense) read.limit = count;
  return read;
}

} // namespace mcbatch::quota
