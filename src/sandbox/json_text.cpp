#include "sandbox/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mcbatch::sandbox {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string on_one_line(std::string_view body) {
  std::string out(body);
  std::ranges::replace_if(
      out, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return out;
}

} // namespace mcbatch::sandbox
