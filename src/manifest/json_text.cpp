#include "manifest/json_text.hpp"

#include <algorithm>
#include <cstddef>

namespace mcbatch::manifest {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t leading_digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n]))
    ++n;
  return n;
}

/// Drops the digits from the front; false where there are none.
bool drop_digits(std::string_view& text) {
  const auto n = leading_digits(text);
  text.remove_prefix(n);
  return n > 0;
}

/// Drops digits that begin with 0 only where they are 0.
bool drop_integer(std::string_view& text) {
  if (text.starts_with('0')) {
    text.remove_prefix(1);
    return true;
  }
  return drop_digits(text);
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
  case '\n':
    out += "\\n";
    break;
  case '\r':
    out += "\\r";
    break;
  case '\t':
    out += "\\t";
    break;
  case '"':
  case '\\':
    out += '\\';
    out += c;
    break;
  default:
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
}

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

} // namespace

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  return text.substr(0, text.find_last_not_of(space) + 1);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (auto from = text.begin(); from != text.end();) {
    const auto stop = std::find_if(from, text.end(), [](char c) { return needs_escape(c); });
    out.append(from, stop);
    from = stop;
    if (from != text.end()) append_escape(out, *from++);
  }
  out += '"';
}

bool is_json_number(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  if (!drop_integer(token)) return false;
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    if (!drop_digits(token)) return false;
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
    if (!drop_digits(token)) return false;
  }
  return token.empty();
}

bool is_whole_number(std::string_view token) {
  return drop_integer(token) && token.empty();
}

} // namespace mcbatch::manifest
