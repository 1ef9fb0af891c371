#include <mcbatch/core/huge_numbers.hpp>

#include <mcbatch/core/text.hpp>

#include <charconv>
#include <cstdint>
#include <string_view>

namespace mcbatch {
namespace {

constexpr std::string_view null = "null";

bool is_huge(std::string_view number) {
  if (number.size() <= null.size()) return false;
  if (number.find_first_of(".eE") == std::string_view::npos)
    return !parse_integer<std::int64_t>(number) && !parse_integer<std::uint64_t>(number);
  double value = 0;
  const auto end = number.data() + number.size();
  return std::from_chars(number.data(), end, value).ec == std::errc::result_out_of_range;
}

/// Where the string ends that begins at `from`.
std::size_t end_of_string(std::string_view json, std::size_t from) {
  for (auto at = from + 1; at < json.size(); ++at) {
    if (json[at] == '\\')
      ++at;
    else if (json[at] == '"')
      return at + 1;
  }
  return json.size();
}

} // namespace

std::string without_huge_numbers(std::string json) {
  const std::string_view text = json;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = end_of_string(text, at);
      continue;
    }
    const auto end = std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
    const auto number = text.substr(at, end - at);
    if (is_huge(number)) json.replace(at, number.size(), std::string(null).append(number.size() - null.size(), ' '));
    at = std::max(end, at + 1);
  }
  return json;
}

} // namespace mcbatch
