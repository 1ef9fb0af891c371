#include "manifest/array_splitter.hpp"
#include "manifest/json_text.hpp"
#include "manifest/walk.hpp"

#include <bit>

namespace mcbatch::manifest {
namespace {

failure never_closes() {
  return {errc::unusable_input, "the array is broken off: it ends without its closing bracket"};
}

} // namespace

std::size_t element_scanner::eat_string(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') {
      in_string_ = escaped_ = false;
      cut_ = complete_ = depth_ == 0;
      return i;
    }
    if (escaped_) {
      escaped_ = false;
    } else if (bytes[i] == '\\') {
      escaped_ = true;
    } else if (bytes[i] == '"') {
      in_string_ = false;
      complete_ = depth_ == 0;
      return i + 1;
    }
  }
  return bytes.size();
}

std::size_t element_scanner::innermost(bool brace) const {
  const auto same = (brace ? braces_ : ~braces_) & ~(depth_ < remembered ? ~std::uint64_t{0} << depth_ : 0);
  return static_cast<std::size_t>(std::bit_width(same));
}

void element_scanner::open(bool brace) {
  if (depth_ < remembered) {
    const auto bit = std::uint64_t{1} << depth_;
    braces_ = brace ? braces_ | bit : braces_ & ~bit;
  }
  ++depth_;
}

void element_scanner::close(bool brace) {
  if (depth_ > remembered)
    --depth_;
  else if (const auto fits = innermost(brace); fits > 0)
    depth_ = fits - 1;
  complete_ = depth_ == 0;
}

bool element_scanner::ends_before(char c) const {
  const bool between = depth_ == 0 && started_;
  return between &&
         (std::string_view("{[,]\"").find(c) != std::string_view::npos || space.find(c) != std::string_view::npos);
}

bool element_scanner::cut_before(char c) const {
  if (!line_begins_ || depth_ == 0 || depth_ > remembered) return false;
  if (c == ']') return innermost(false) == 0;
  return c == '{' && !after_colon_ && innermost(true) == depth_;
}

void element_scanner::eat_one(char c) {
  if (space.find(c) != std::string_view::npos) {
    line_begins_ = line_begins_ || c == '\n';
    return;
  }
  started_ = true;
  line_begins_ = false;
  after_colon_ = c == ':';
  in_string_ = c == '"';
  if (c == '{' || c == '[') open(c == '{');
  if ((c == '}' || c == ']') && depth_ > 0) close(c == '}');
}

std::size_t element_scanner::eat(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size() && !complete_) {
    if (in_string_) {
      i += eat_string(bytes.substr(i));
    } else if (ends_before(bytes[i])) {
      complete_ = true;
    } else if (cut_before(bytes[i])) {
      complete_ = cut_ = true;
    } else {
      eat_one(bytes[i++]);
    }
  }
  return i;
}

draft array_splitter::numbered(draft d) {
  d.number = ++number_;
  return d;
}

result<std::optional<draft>> array_splitter::next() {
  in_.consume(std::exchange(taken_, 0));
  if (place_ == place::closed) return std::nullopt;
  for (;;) {
    const auto more = in_.skip_space();
    if (!more) return more.error();
    if (!*more) return never_closes();
    const char c = in_.data().front();
    if (c == ',' && (place_ == place::after_element || place_ == place::after_cut)) {
      in_.consume(1);
      place_ = place::after_comma;
      continue;
    }
    if (c == ',') return comma();
    if (c == ']') return closing_bracket();
    return element();
  }
}

result<std::optional<draft>> array_splitter::comma() {
  taken_ = 1;
  place_ = place::after_comma;
  return numbered(faulty(in_.line(), in_.data().substr(0, 1), "an entry is missing before this comma"));
}

result<std::optional<draft>> array_splitter::closing_bracket() {
  if (place_ == place::after_comma) {
    place_ = place::after_element;
    return numbered(faulty(in_.line(), {}, "an entry is missing between the last comma and the closing bracket"));
  }
  in_.consume(1);
  place_ = place::closed;
  const auto more = in_.skip_space();
  if (!more) return more.error();
  if (*more) return failure{errc::unusable_input, "there is trailing data after the array"};
  return std::nullopt;
}

result<std::optional<draft>> array_splitter::element() {
  const auto line = in_.line();
  const bool comma_missing = place_ == place::after_element;
  element_scanner scanner;
  std::size_t length = 0;
  bool overlong = false;
  for (;;) {
    length += scanner.eat(in_.data().substr(length));
    if (!overlong && length > in_.entry_limit()) {
      overlong = true;
      kept_ = in_.beginning();
    }
    if (overlong) in_.consume(std::exchange(length, 0));
    if (scanner.complete()) break;
    const auto more = in_.fill();
    if (!more) return more.error();
    if (!*more) return never_closes();
  }
  place_ = scanner.cut() ? place::after_cut : place::after_element;
  if (overlong) return numbered(faulty(line, kept_, too_long));
  taken_ = length;
  const auto text = trimmed(in_.data().substr(0, length));
  if (comma_missing) return numbered(faulty(line, text, "a comma is missing before this entry"));
  return numbered(draft{line, {}, walkable(text), {}, 0});
}

} // namespace mcbatch::manifest
