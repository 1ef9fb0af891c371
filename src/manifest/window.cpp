#include "manifest/window.hpp"
#include "manifest/json_text.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mcbatch::manifest {
namespace {

/// Lines are long as a rule, and memchr is faster than looking at each byte.
std::uint64_t count_lines(std::string_view text) {
  std::uint64_t n = 0;
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    ++n;
  return n;
}

} // namespace

window::window(std::unique_ptr<byte_source> from, const limits& lim, std::function<bool()> stop_asked)
    : from_(std::move(from)), stop_asked_(std::move(stop_asked)), block_(lim.block), entry_limit_(lim.entry),
      buffer_(lim.entry + lim.block) {}

result<bool> window::fill() {
  if (ended_) return false;
  if (stop_asked_ && stop_asked_()) return given_up();
  // A little that is left moves to the front at once: so the same part of the buffer is used again, and stays cached.
  if (end_ - begin_ <= block_ / 4 || buffer_.size() - end_ < block_) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const auto n = from_->read(std::span(buffer_).subspan(end_, block_));
  if (!n) return n.error();
  end_ += *n;
  ended_ = *n == 0;
  return !ended_;
}

void window::consume(std::size_t n) {
  line_ += count_lines(data().substr(0, n));
  begin_ += n;
}

void window::consume_line(std::size_t n) {
  ++line_;
  begin_ += n;
}

result<bool> window::skip_space() {
  for (;;) {
    const auto found = data().find_first_not_of(space);
    consume(std::min(found, data().size()));
    if (found != std::string_view::npos) return true;
    const auto more = fill();
    if (!more || !*more) return more;
  }
}

} // namespace mcbatch::manifest
