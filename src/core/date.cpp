#include <mcbatch/core/date.hpp>

#include <mcbatch/core/text.hpp>

#include <algorithm>

namespace mcbatch {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_text = 64;

/// Whether `text` begins with that shape: 'd' is a digit, '?' a digit or a space, '.' anything, the rest itself.
bool begins_as(std::string_view shape, std::string_view text) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    const bool fits = shape[i] == 'd'   ? is_digit
                      : shape[i] == '?' ? is_digit || text[i] == ' '
                                        : shape[i] == '.' || shape[i] == text[i];
    if (!fits) return false;
  }
  return true;
}

/// The number in those places, which `begins_as` found to be digits.
int number_at(std::string_view text, std::size_t from, std::size_t size) {
  return parse_integer<int>(text.substr(from, size)).value_or(-1);
}

/// `time`: "08:49:37". A second of 60 is a leap second.
std::optional<wall_time> civil_time(int year, unsigned month, int day, std::string_view time) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  const auto hour = number_at(time, 0, 2), minute = number_at(time, 3, 2), second = number_at(time, 6, 2);
  if (day < 0 || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

/// 1 to 12; 0 for what is no month, which no date has.
unsigned month_number(std::string_view name) {
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto at = months.find(name);
  return at != std::string_view::npos && at % 3 == 0 ? static_cast<unsigned>(at / 3 + 1) : 0;
}

/// "Z", "+01:00", "-05:30": how far its clocks are ahead of UTC.
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0min;
  if (text.size() != 6 || !begins_as(".dd:dd", text) || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = number_at(text, 1, 2), minutes = number_at(text, 4, 2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  const auto ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return text[0] == '-' ? -ahead : ahead;
}

/// Of a second, by its digits behind the point.
std::chrono::microseconds fraction_of(std::string_view digits) {
  auto micros = parse_integer<int>(digits.substr(0, 6)).value_or(0);
  for (auto n = digits.size(); n < 6; ++n)
    micros *= 10;
  return std::chrono::microseconds(micros);
}

} // namespace

std::optional<wall_time> parse_rfc3339(std::string_view text) {
  static constexpr std::string_view shape = "dddd-dd-dd.dd:dd:dd";
  if (text.size() > longest_text || !begins_as(shape, text)) return std::nullopt;
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
  const auto time = civil_time(number_at(text, 0, 4), static_cast<unsigned>(number_at(text, 5, 2)),
                               number_at(text, 8, 2), text.substr(11));
  auto rest = text.substr(shape.size());
  std::chrono::microseconds fraction{};
  if (rest.starts_with('.')) {
    const auto size = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (size < 2) return std::nullopt;
    fraction = fraction_of(rest.substr(1, size - 1));
    rest.remove_prefix(size);
  }
  const auto ahead = parse_offset(rest);
  if (!time || !ahead) return std::nullopt;
  return *time - *ahead + fraction;
}

std::optional<wall_time> parse_http_date(std::string_view text) {
  const auto weekday = text.find(' ');
  if (weekday == std::string_view::npos || text.size() > longest_text) return std::nullopt;
  text.remove_prefix(weekday + 1); // what day of the week it is says nothing that the date does not
  const auto is = [text](std::string_view shape) { return text.size() == shape.size() && begins_as(shape, text); };
  if (is("dd ... dddd dd:dd:dd GMT")) // "06 Nov 1994 08:49:37 GMT"
    return civil_time(number_at(text, 7, 4), month_number(text.substr(3, 3)), number_at(text, 0, 2), text.substr(12));
  if (is("dd-...-dd dd:dd:dd GMT")) { // "06-Nov-94 08:49:37 GMT"; the century as POSIX has it
    const auto year = number_at(text, 7, 2);
    return civil_time(year + (year < 69 ? 2000 : 1900), month_number(text.substr(3, 3)), number_at(text, 0, 2),
                      text.substr(10));
  }
  if (is("... ?d dd:dd:dd dddd")) // "Nov  6 08:49:37 1994"
    return civil_time(number_at(text, 16, 4), month_number(text.substr(0, 3)), number_at(trim(text.substr(4, 2)), 0, 2),
                      text.substr(7));
  return std::nullopt;
}

} // namespace mcbatch
