#ifndef MCBATCH_CORE_TEXT_HPP
#define MCBATCH_CORE_TEXT_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch {

/// The whole of `text` as a decimal integer; nothing when it is anything else, has a sign that T cannot hold, or
/// overflows.
template <std::integral T>
std::optional<T> parse_integer(std::string_view text) noexcept {
  T value{};
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// `text` without the spaces and tabs around it.
std::string_view trim(std::string_view text) noexcept;

/// A length of time as people write it: one or more of NUMBERunit with units ms, s, m, h, d in falling order
/// ("500ms", "90s", "1h30m"). Errors: no unit, unknown unit, negative, beyond 10 years.
result<duration> parse_duration(std::string_view text);

/// A text that `parse_duration` reads back: in seconds up to a minute and a half ("60s"), longer ones in their largest
/// units ("1h30m"). What is below a millisecond is dropped.
std::string format_duration(duration d);

/// RFC 3339 in UTC with milliseconds: "2024-01-15T10:30:00.000Z".
std::string format_time(wall_time t);

/// An amount of euros such as "12", "0.5" or "12.345678", up to 1,000,000,000, in millionths; nothing for any other
/// text.
std::optional<std::int64_t> parse_euros(std::string_view text) noexcept;

} // namespace mcbatch

#endif
