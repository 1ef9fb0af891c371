#include <mcbatch/core/text.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr duration farthest = 24h * 366;
constexpr double least_epoch = 1e9;         // 2001: below it a Reset is a number of seconds from now
constexpr double least_epoch_millis = 1e11; // 1973 in milliseconds: above it a Reset is in milliseconds

/// A finite decimal number, possibly with a fraction.
std::optional<double> parse_number(std::string_view text) {
  double value{};
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<duration> bounded(double seconds) {
  if (!(seconds >= 0) || seconds > std::chrono::duration<double>(farthest).count()) return std::nullopt;
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
}

double unix_seconds(wall_time t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

void read_reset(std::string_view text, wall_time date, rate_info& info) {
  auto value = parse_number(text);
  if (!value) return;
  const bool is_point = *value >= least_epoch;
  if (*value >= least_epoch_millis) *value /= 1000;
  const auto wait = bounded(is_point ? *value - unix_seconds(date) : *value);
  if (!wait || *wait == 0s) return;
  info.reset_in = wait;
  if (is_point) info.reset_at = static_cast<std::int64_t>(*value);
}

std::optional<duration> read_retry_after(std::string_view text, wall_time date) {
  if (const auto seconds = parse_number(text)) return bounded(*seconds);
  if (const auto point = parse_http_date(text)) return bounded(unix_seconds(*point) - unix_seconds(date));
  return std::nullopt;
}

bool means_unlimited(std::string_view text) {
  return iequals(text, "unlimited") || text == "-1";
}

void read_limit(std::string_view text, std::optional<std::string_view> remaining, rate_info& info) {
  // A Remaining that counts, or is nonsense, contradicts a Limit that says there is none.
  info.unlimited = means_unlimited(text) && (!remaining || means_unlimited(trim(*remaining)));
  const auto count = parse_integer<std::uint64_t>(text);
  if (count && *count > 0) info.limit = count;
}

} // namespace

std::optional<wall_time> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // "Sun, 06 Nov 1994 08:49:37 GMT" has fixed places.
  static constexpr std::string_view shape = "...,.dd.....dddd.dd:dd:dd.GMT";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : shape[i] == '.' || shape[i] == text[i];
    if (!fits) return std::nullopt;
  }
  const auto number = [text](std::size_t from, std::size_t size) {
    return parse_integer<int>(text.substr(from, size)).value_or(-1);
  };
  const auto day = number(5, 2), year = number(12, 4), hour = number(17, 2), minute = number(20, 2),
             second = number(23, 2);
  for (unsigned month = 0; month < months.size(); ++month) {
    if (months[month] != text.substr(8, 3)) continue;
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month + 1},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
  }
  return std::nullopt;
}

rate_info parse_rate_headers(const headers& fields, wall_time arrived) {
  rate_info info;
  auto date = arrived;
  if (const auto text = fields.find("Date"))
    if (const auto parsed = parse_http_date(trim(*text))) date = *parsed;
  const auto remaining = fields.find("X-RateLimit-Remaining");
  if (remaining) info.remaining = parse_integer<std::uint64_t>(trim(*remaining));
  if (const auto text = fields.find("X-RateLimit-Limit")) read_limit(trim(*text), remaining, info);
  if (const auto text = fields.find("X-RateLimit-Reset")) read_reset(trim(*text), date, info);
  if (const auto text = fields.find("Retry-After")) info.retry_after = read_retry_after(trim(*text), date);
  return info;
}

} // namespace mcbatch::quota
