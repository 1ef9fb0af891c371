#include "tidy.hpp"

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/redact.hpp>

#include <cstddef>

namespace mcbatch::api {
namespace {

constexpr std::size_t most_bytes = 500;

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const auto next = take_character(text);
    if (next.is_shown())
      line += next.bytes;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (line.ends_with(' '))
    line.pop_back();
  return line;
}

std::string shortened(std::string text) {
  if (text.size() <= most_bytes) return text;
  constexpr std::string_view more = "...";
  auto end = most_bytes - more.size();
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return text.substr(0, end).append(more);
}

} // namespace

std::string tidy(std::string_view text, std::string_view secret) {
  return shortened(redact(without_secret(one_line(text), secret)));
}

} // namespace mcbatch::api
