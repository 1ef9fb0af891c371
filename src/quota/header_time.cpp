#include "quota/header_time.hpp"

#include <mcbatch/core/date.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr double least_epoch = 1e9;   // 2001: below it a number is one of seconds from now
constexpr double most_seconds = 1e11; // the year 5138; in milliseconds 1973, so that what is above is no second
constexpr std::size_t longest_text = 64;

/// A finite decimal number, possibly with a fraction.
std::optional<double> parse_number(std::string_view text) {
  double value{};
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// In seconds: "6m0s", "1h2m3.5s", "250ms".
std::optional<double> parse_units(std::string_view text) {
  struct unit {
    std::string_view name;
    double seconds;
  };
  // Microseconds with either of Unicode's two mus, as Go has it.
  static constexpr std::array units{unit{"d", 86400},      unit{"h", 3600},       unit{"m", 60},
                                    unit{"s", 1},          unit{"ms", 1e-3},      unit{"us", 1e-6},
                                    unit{"\u00b5s", 1e-6}, unit{"\u03bcs", 1e-6}, unit{"ns", 1e-9}};
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = parse_number(text.substr(0, digits));
    text.remove_prefix(digits);
    const auto letters = std::min(text.find_first_of("0123456789."), text.size());
    const auto named = std::ranges::find(units, text.substr(0, letters), &unit::name);
    text.remove_prefix(letters);
    if (!number || named == units.end()) return std::nullopt;
    total += *number * named->seconds;
  }
  return total;
}

double unix_seconds(wall_time t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

std::optional<header_time> span(double seconds) {
  if (!(seconds >= 0) || seconds > std::chrono::duration<double>(farthest).count()) return std::nullopt;
  return header_time{std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds))};
}

std::optional<header_time> point(double seconds, wall_time date) {
  auto read = span(seconds - unix_seconds(date));
  if (read) read->at = static_cast<std::int64_t>(seconds);
  return read;
}

} // namespace

std::optional<header_time> parse_header_time(std::string_view text, wall_time date) {
  if (text.size() > longest_text) return std::nullopt;
  if (auto number = parse_number(text)) {
    if (*number < least_epoch) return span(*number);
    // Milliseconds, microseconds, nanoseconds: each is a thousand times as large.
    for (int i = 0; i < 3 && *number >= most_seconds; ++i)
      *number /= 1000;
    return point(*number, date);
  }
  if (const auto seconds = parse_units(text)) return span(*seconds);
  auto t = parse_http_date(text);
  if (!t) t = parse_rfc3339(text);
  return t ? point(unix_seconds(*t), date) : std::nullopt;
}

} // namespace mcbatch::quota
