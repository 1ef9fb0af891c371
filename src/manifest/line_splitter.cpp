#include "manifest/json_text.hpp"
#include "manifest/splitter.hpp"
#include "manifest/walk.hpp"

#include <algorithm>

namespace mcbatch::manifest {

result<std::optional<draft>> skip_long_line(window& in, std::string& kept, std::size_t known) {
  const auto line = in.line();
  kept = in.beginning();
  in.consume(known);
  for (;;) {
    const auto newline = in.data().find('\n');
    if (newline != std::string_view::npos) {
      in.consume(newline + 1);
      break;
    }
    in.consume(in.data().size());
    const auto more = in.fill();
    if (!more) return more.error();
    if (!*more) break;
  }
  return faulty(line, kept, too_long);
}

result<std::optional<draft>> line_splitter::next() {
  if (taken_ > 0) in_.consume_line(std::exchange(taken_, 0));
  std::size_t searched = 0;
  for (;;) {
    const auto data = in_.data();
    const auto newline = data.find('\n', searched);
    const auto length = std::min(newline, data.size());
    if (length > in_.entry_limit()) return skip_long_line(in_, kept_);
    if (newline == std::string_view::npos && !in_.at_end()) {
      searched = length;
      if (auto more = in_.fill(); !more) return more.error();
      continue;
    }
    if (data.empty()) return std::nullopt;

    const auto whole = std::min(length + 1, data.size());
    const auto text = trimmed(data.substr(0, length));
    if (text.empty()) {
      in_.consume(whole);
      searched = 0;
      continue;
    }
    taken_ = whole;
    return draft{in_.line(), {}, walkable(text), {}, 0};
  }
}

} // namespace mcbatch::manifest
