#include <mcbatch/report/text.hpp>

#include <mcbatch/core/printable.hpp>

#include <fmt/format.h>

#include <ctime>

namespace mcbatch::report {

using namespace std::chrono_literals;

namespace {

std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const auto c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + "'";
}

/// As bash, ksh and zsh read it; there is no other way to write a control character so that it does not act.
std::string quoted_with_escapes(std::string_view text) {
  std::string word = "$'";
  while (!text.empty()) {
    const auto next = take_character(text);
    const auto c = next.bytes.front();
    if (c == '\'' || c == '\\')
      (word += '\\') += c;
    else if (next.is_shown())
      word += next.bytes;
    else
      for (const auto byte : next.bytes)
        word += fmt::format("\\{:03o}", static_cast<unsigned char>(byte));
  }
  return word + "'";
}

} // namespace

std::string with_commas(std::uint64_t n) {
  const auto digits = std::to_string(n);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string for_people(duration d) {
  if (d < 1s) return fmt::format("{} ms", d / 1ms);
  if (d < 10s && d % 1s != 0s) return fmt::format("{:.1f} s", std::chrono::duration<double>(d).count());
  if (d < 90s) return fmt::format("{} s", (d + 500ms) / 1s);
  const auto minutes = (d + 30s) / 1min;
  if (minutes < 60) return fmt::format("{} min", minutes);
  if (minutes < 24 * 60) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  return fmt::format("{} d {} h", minutes / (24 * 60), minutes / 60 % 24);
}

std::string time_of_day(wall_time t, wall_time now) {
  const auto local = [](std::chrono::sys_seconds at) {
    const auto unix_time = std::chrono::system_clock::to_time_t(at);
    std::tm fields{};
    ::localtime_r(&unix_time, &fields);
    return fields;
  };
  const auto then = local(std::chrono::ceil<std::chrono::seconds>(t));
  const auto today = local(std::chrono::floor<std::chrono::seconds>(now));
  auto text = fmt::format("{:02}:{:02}:{:02}", then.tm_hour, then.tm_min, then.tm_sec);
  if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday) return text;
  return fmt::format("{}-{:02}-{:02} {}", then.tm_year + 1900, then.tm_mon + 1, then.tm_mday, text);
}

std::string euros(std::int64_t micros) {
  const auto cents = (micros + 5'000) / 10'000;
  return fmt::format("EUR {}.{:02}", with_commas(static_cast<std::uint64_t>(cents / 100)), cents % 100);
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  return printable(text) == text ? quoted(text) : quoted_with_escapes(text);
}

std::string count_of(std::uint64_t n, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", with_commas(n), n == 1 ? singular : plural);
}

} // namespace mcbatch::report
