#ifndef MCBATCH_MANIFEST_CANONICAL_FORM_HPP
#define MCBATCH_MANIFEST_CANONICAL_FORM_HPP

#include "manifest/walk.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::manifest {

/// The canonical form that `walker` describes, while it is written. The buffers stay from entry to entry, so that
/// writing need not allocate, and `begin` sees to room for all, so that writing need not ask.
class canonical_form {
public:
  /// So many bytes may be written behind a text before its length is told.
  static constexpr std::size_t slack = 64;

  /// Begins anew, for a JSON text of that size.
  void begin(std::size_t text_size);

  [[nodiscard]] std::string_view text() const { return {buffer_.data(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }

  void put(char tag) { buffer_[size_++] = tag; }

  void put_text(char tag, std::string_view text) {
    if (buffer_.size() - size_ < text.size() + slack) buffer_.resize(2 * buffer_.size() + text.size());
    std::memcpy(begin_text(tag), text.data(), text.size());
    end_text(text.size());
  }

  /// Where the bytes of a string or number go, of which `end_text` tells then how many they were.
  char* begin_text(char tag) {
    buffer_[size_] = tag;
    return buffer_.data() + size_ + head;
  }
  void end_text(std::size_t length) {
    auto n = static_cast<std::uint32_t>(length);
    if constexpr (std::endian::native == std::endian::little) n = __builtin_bswap32(n);
    std::memcpy(buffer_.data() + size_ + 1, &n, sizeof n);
    size_ += head + length;
  }

  /// Takes back what was written from `size` on.
  void cut(std::size_t size) { size_ = size; }

  /// The members of all objects that are being walked, the outermost first.
  std::vector<member> members;

  /// Sorts the forms of the members from the number `first` on by name; the last ends where the text does. The members
  /// stay in their order and learn their new places. Returns one that has the name of another, or null.
  const member* sort_members(std::size_t first);

private:
  static constexpr std::size_t head = 5; // tag and length

  struct place {
    std::uint64_t beginning; ///< of the name: its first bytes as a number, which mostly tell it from all others
    std::uint32_t number;    ///< of the member, counted from `first`
  };

  [[nodiscard]] bool before(const place& a, const place& b, std::size_t first) const;
  bool order_as_before(std::size_t first);
  void move_forms(std::size_t first);

  std::vector<char> buffer_;
  std::size_t size_ = 0;
  std::vector<char> scratch_;
  std::vector<place> order_; ///< of the members that were sorted last
};

} // namespace mcbatch::manifest

#endif
