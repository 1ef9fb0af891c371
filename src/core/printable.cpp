#include <mcbatch/core/printable.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace mcbatch {
namespace {

struct range {
  std::uint32_t first, last;
};

constexpr std::array
    unshown{
        range{0x00, 0x1f},       range{0x7f, 0x9f},     range{0x61c, 0x61c},
        range{0x180e, 0x180e},   range{0x200b, 0x200f}, range{0x2028, 0x202e},
        range{0x2060, 0x206f},   range{0xfeff, 0xfeff}, range{0xfff9, 0xfffb}, // what annotates between the lines
        range{0xe0000, 0xe007f},                                               // tags
    };

std::string hexadecimal(std::string_view prefix, std::uint32_t value, std::size_t least_digits) {
  std::string digits;
  for (; value != 0 || digits.size() < least_digits; value >>= 4)
    digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
  return std::string(prefix) + digits;
}

/// JSON has no other escape for what is beyond 16 bits than that of two surrogates (RFC 8259, section 7).
std::string json_escape(std::uint32_t code) {
  if (code < 0x10000) return hexadecimal("\\u", code, 4);
  const auto offset = code - 0x10000;
  return hexadecimal("\\u", 0xd800 + (offset >> 10), 4) + hexadecimal("\\u", 0xdc00 + (offset & 0x3ff), 4);
}

std::string written_out(const character& c) {
  if (!c.valid) return hexadecimal("\\x", static_cast<unsigned char>(c.bytes.front()), 2);
  switch (c.code) {
  case '\n':
    return "\\n";
  case '\r':
    return "\\r";
  case '\t':
    return "\\t";
  default:
    return c.code < 0x80 ? hexadecimal("\\x", c.code, 2) : hexadecimal("\\u", c.code, 4);
  }
}

} // namespace

bool character::is_shown() const noexcept {
  return valid && std::none_of(unshown.begin(), unshown.end(),
                               [this](const range& r) { return code >= r.first && code <= r.last; });
}

character take_character(std::string_view& text) noexcept {
  const auto taken = [&text](std::size_t length, std::uint32_t code, bool valid) {
    const character c{text.substr(0, length), code, valid};
    text.remove_prefix(length);
    return c;
  };
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return taken(1, lead, true);
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return taken(1, 0, false);

  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (const char c : text.substr(1, length - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) return taken(1, 0, false);
    code = code << 6 | (byte & 0x3f);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool valid = code >= least[length] && code <= 0x10ffff && !surrogate;
  return valid ? taken(length, code, true) : taken(1, 0, false);
}

std::string printable(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const auto next = take_character(text);
    next.is_shown() ? line += next.bytes : line += written_out(next);
  }
  return line;
}

std::string printable_json(std::string_view json) {
  // JSON's own writers escape C0 and leave the rest.
  std::string escaped;
  escaped.reserve(json.size());
  while (!json.empty()) {
    const auto next = take_character(json);
    next.is_shown() || !next.valid ? escaped += next.bytes : escaped += json_escape(next.code);
  }
  return escaped;
}

} // namespace mcbatch
