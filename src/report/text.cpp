#include <mcbatch/report/text.hpp>

#include <fmt/format.h>

namespace mcbatch::report {

using namespace std::chrono_literals;

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

std::string euros(std::int64_t micros) {
  const auto cents = (micros + 5'000) / 10'000;
  return fmt::format("EUR {}.{:02}", with_commas(static_cast<std::uint64_t>(cents / 100)), cents % 100);
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string word = "'";
  for (const auto c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + "'";
}

std::string count_of(std::uint64_t n, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", with_commas(n), n == 1 ? singular : plural);
}

} // namespace mcbatch::report
