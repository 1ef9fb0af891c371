#ifndef MCBATCH_MANIFEST_BYTES_HPP
#define MCBATCH_MANIFEST_BYTES_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mcbatch::manifest {

/// Eight bytes of a text at once, the first the least significant. Marks are the highest bits of bytes; of several
/// marks the first is right, and those behind it may be wrong.
using eight_bytes = std::uint64_t;

inline constexpr eight_bytes each_byte = 0x0101010101010101;
inline constexpr eight_bytes each_high_bit = 0x8080808080808080;

inline eight_bytes load_eight(const char* from) {
  eight_bytes bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes;
}

/// Marks bytes less than `limit`, which is at most 128.
constexpr eight_bytes mark_below(eight_bytes bytes, unsigned char limit) {
  return (bytes - each_byte * limit) & ~bytes & each_high_bit;
}

constexpr eight_bytes mark_equal(eight_bytes bytes, char c) {
  return mark_below(bytes ^ each_byte * static_cast<unsigned char>(c), 1);
}

/// How many bytes stand before the first mark; there is one.
constexpr std::size_t first_mark(eight_bytes marks) {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

/// How many bytes of `text` stand before the first of `stops`; all, where there is none.
template <char... stops>
std::size_t length_before(std::string_view text) {
  std::size_t at = 0;
  for (; at + sizeof(eight_bytes) <= text.size(); at += sizeof(eight_bytes)) {
    const auto bytes = load_eight(text.data() + at);
    if (const auto marks = (mark_equal(bytes, stops) | ...); marks != 0) return at + first_mark(marks);
  }
  while (at < text.size() && ((text[at] != stops) && ...))
    ++at;
  return at;
}

} // namespace mcbatch::manifest

#endif
