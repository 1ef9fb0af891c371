#ifndef MCBATCH_MANIFEST_WINDOW_HPP
#define MCBATCH_MANIFEST_WINDOW_HPP

#include "manifest/byte_source.hpp"

#include <mcbatch/core/error.hpp>
#include <mcbatch/manifest/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace mcbatch::manifest {

/// The part of a manifest that is being looked at: bytes that were read and not yet consumed, and their line. It has
/// room for an entry of the greatest size and a block more, and never grows.
class window {
public:
  /// `stop_asked` as in `options`; may be empty.
  window(std::unique_ptr<byte_source> from, const limits& lim, std::function<bool()> stop_asked);

  /// What is read and not consumed. `fill` and `consume` end the life of earlier views.
  [[nodiscard]] std::string_view data() const { return {buffer_.data() + begin_, end_ - begin_}; }

  /// Whether the unread bytes are already more than an entry may have.
  [[nodiscard]] bool over_limit() const { return end_ - begin_ > entry_limit_; }
  [[nodiscard]] std::size_t entry_limit() const { return entry_limit_; }

  /// What is kept of the text of an entry that is too long: enough to find it by.
  [[nodiscard]] std::string_view beginning() const { return data().substr(0, std::min(most_kept, entry_limit_)); }

  /// Reads on, at most a block; false at the end. Needs !over_limit().
  result<bool> fill();

  /// Whether the source has ended, so that `data` is all that is left.
  [[nodiscard]] bool at_end() const { return ended_; }

  /// Drops the first `n` bytes and counts their lines.
  void consume(std::size_t n);

  /// Likewise, where they are one line and its end: nothing is counted.
  void consume_line(std::size_t n);

  /// Drops the white space of JSON up to the next other byte, reading on as needed; false at the end.
  result<bool> skip_space();

  /// The 1-based line of the first unread byte.
  [[nodiscard]] std::uint64_t line() const { return line_; }

private:
  static constexpr std::size_t most_kept = 4096;

  std::unique_ptr<byte_source> from_;
  std::function<bool()> stop_asked_;
  std::size_t block_;
  std::size_t entry_limit_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 1;
  bool ended_ = false;
};

} // namespace mcbatch::manifest

#endif
