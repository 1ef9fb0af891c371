#ifndef MCBATCH_CORE_PRINTABLE_HPP
#define MCBATCH_CORE_PRINTABLE_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace mcbatch {

/// One character of a text that need not be UTF-8 (RFC 3629).
struct character {
  std::string_view bytes;
  std::uint32_t code = 0; ///< of no meaning where `valid` is false
  bool valid = false;     ///< false: one byte that is no UTF-8

  /// Whether a terminal shows it: false for controls (C0, DEL, C1), separators of lines, marks that turn the direction
  /// of what follows, what takes up no room, and what is no UTF-8.
  [[nodiscard]] bool is_shown() const noexcept;
};

/// Takes the first character off a text that is not empty.
character take_character(std::string_view& text) noexcept;

/// `text` fit for a terminal and a log, on one line: each character that is not shown is written out, as "\n", "\x1b",
/// "\u202e"; a byte that is no UTF-8 as "\xff". Applied again it changes nothing.
std::string printable(std::string_view text);

/// The text of JSON with those characters as JSON's escapes: it means the same. For JSON that is UTF-8, on one line.
std::string printable_json(std::string_view json);

} // namespace mcbatch

#endif
