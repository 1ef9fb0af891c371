#include "manifest/array_splitter.hpp"
#include "manifest/json_text.hpp"
#include "manifest/walk.hpp"

#include <algorithm>

namespace mcbatch::manifest {
namespace {

failure never_closes() {
  return {errc::unusable_input, "the array is broken off: it ends without its closing bracket"};
}

} // namespace

std::size_t element_scanner::eat_string(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
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

std::size_t element_scanner::eat(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (in_string_) {
      i += eat_string(bytes.substr(i));
      if (complete_) return i;
      continue;
    }
    const char c = bytes[i];
    const bool between = depth_ == 0 && started_;
    const bool opens = c == '{' || c == '[';
    const bool closes = c == '}' || c == ']';
    const bool separates = c == ',' || c == ']' || space.find(c) != std::string_view::npos;
    if (between && (opens || separates || c == '"')) {
      complete_ = true;
      return i;
    }
    started_ = true;
    ++i;
    if (c == '"') in_string_ = true;
    if (opens) ++depth_;
    if (closes && depth_ > 0 && --depth_ == 0) {
      complete_ = true;
      return i;
    }
  }
  return i;
}

result<std::optional<draft>> array_splitter::next() {
  in_.consume(std::exchange(taken_, 0));
  if (place_ == place::closed) return std::nullopt;
  for (;;) {
    const auto more = in_.skip_space();
    if (!more) return more.error();
    if (!*more) return never_closes();
    const char c = in_.data().front();
    if (c == ',' && place_ == place::after_element) {
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
  return faulty(in_.line(), in_.data().substr(0, 1), "an entry is missing before this comma");
}

result<std::optional<draft>> array_splitter::closing_bracket() {
  if (place_ == place::after_comma) {
    place_ = place::after_element;
    return faulty(in_.line(), {}, "an entry is missing between the last comma and the closing bracket");
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
  place_ = place::after_element;
  element_scanner scanner;
  std::size_t length = 0;
  bool overlong = false;
  for (;;) {
    length += scanner.eat(in_.data().substr(length));
    if (!overlong && length > in_.entry_limit()) {
      overlong = true;
      kept_ = in_.data().substr(0, kept_of_too_long);
    }
    if (overlong) in_.consume(std::exchange(length, 0));
    if (scanner.complete()) break;
    const auto more = in_.fill();
    if (!more) return more.error();
    if (!*more) return never_closes();
  }
  if (overlong) return faulty(line, kept_, too_long);
  taken_ = length;
  const auto text = in_.data().substr(0, length);
  if (comma_missing) return faulty(line, text, "a comma is missing before this entry");
  return draft{line, text, walkable(text), {}};
}

} // namespace mcbatch::manifest
