#include <mcbatch/core/text.hpp>

#include <array>
#include <cstdint>
#include <cstdio>

namespace mcbatch {
namespace {

using namespace std::chrono_literals;

struct unit {
  std::string_view name;
  duration length;
};

constexpr std::array units{unit{"d", 24h}, unit{"h", 1h}, unit{"m", 1min}, unit{"s", 1s}, unit{"ms", 1ms}};
constexpr duration longest = 24h * 3650;

failure not_a_duration(std::string_view text) {
  return {errc::usage, "'" + std::string(text) + "' is no duration: write it like 500ms, 90s, 5m or 1h30m"};
}

} // namespace

std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

result<duration> parse_duration(std::string_view text) {
  duration total{};
  auto rest = text;
  auto next_unit = units.begin();
  do {
    const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const auto number = parse_integer<std::int64_t>(rest.substr(0, digits));
    rest.remove_prefix(digits);
    const auto letters = std::min(rest.find_first_of("0123456789"), rest.size());
    while (next_unit != units.end() && next_unit->name != rest.substr(0, letters))
      ++next_unit;
    if (!number || next_unit == units.end()) return not_a_duration(text);
    if (*number > longest / next_unit->length)
      return failure{errc::usage, "'" + std::string(text) + "' is longer than ten years"};
    total += *number * next_unit->length;
    rest.remove_prefix(letters);
    ++next_unit;
  } while (!rest.empty());
  if (total > longest) return failure{errc::usage, "'" + std::string(text) + "' is longer than ten years"};
  return total;
}

std::string format_duration(duration d) {
  if (d <= 90s && d % 1s == 0s) return std::to_string(d / 1s) + "s";
  std::string text;
  for (const auto& [name, length] : units) {
    if (d < length) continue;
    text += std::to_string(d / length);
    text += name;
    d %= length;
  }
  return text.empty() ? "0s" : text;
}

std::string format_time(wall_time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(t - day));
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return text.data();
}

std::optional<std::int64_t> parse_euros(std::string_view text) noexcept {
  constexpr std::int64_t most = 1'000'000'000;
  constexpr std::string_view digits = "0123456789";
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto part = point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  const bool plain = whole.find_first_not_of(digits) == std::string_view::npos &&
                     part.find_first_not_of(digits) == std::string_view::npos && part.size() <= 6;
  const auto euros = parse_integer<std::int64_t>(whole);
  auto micros = parse_integer<std::int64_t>(part);
  if (!plain || !euros || !micros || *euros > most) return std::nullopt;
  for (auto n = part.size(); n < 6; ++n)
    *micros *= 10;
  const auto sum = *euros * 1'000'000 + *micros;
  return sum <= most * 1'000'000 ? std::optional(sum) : std::nullopt;
}

} // namespace mcbatch
