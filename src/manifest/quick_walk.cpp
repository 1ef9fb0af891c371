#include "manifest/quick_walk.hpp"
#include "manifest/bytes.hpp"
#include "manifest/json_text.hpp"
#include "manifest/presigned.hpp"

#include <simdjson.h>

namespace mcbatch::manifest {
namespace {

/// No step looks for the end of the text: the zero behind it is no part of any value, and so ends it.
class quick_walker {
public:
  quick_walker(const std::string& text, canonical_form& form, std::string& buffer)
      : text_(text), at_(text.c_str()), form_(form), buffer_(buffer) {}

  bool run() {
    if (!take('{') || !object(1) || at_ != text_.data() + text_.size()) return false;
    const bool ascii = (seen_ & each_high_bit) == 0;
    return ascii || simdjson::validate_utf8(text_);
  }

private:
  bool take(char c) {
    if (*at_ != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')
      ++at_;
  }

  bool take_between_space(char c) {
    skip_space();
    if (!take(c)) return false;
    skip_space();
    return true;
  }

  /// Takes a string whose opening quote is taken, and copies as it looks for its end.
  bool string(std::string_view& found) {
    const auto* const from = at_;
    const auto* at = from; // a copy stays in a register
    eight_bytes seen = 0, stops = 0;
    for (char* to = form_.begin_text('s');; to += sizeof(eight_bytes), at += sizeof(eight_bytes)) {
      const auto bytes = load_eight(at);
      std::memcpy(to, at, sizeof(eight_bytes));
      seen |= bytes;
      stops = mark_below(bytes, ' ') | mark_equal(bytes, '"') | mark_equal(bytes, '\\');
      if (stops != 0) break;
    }
    seen_ |= seen;
    at_ = at + first_mark(stops);
    found = {from, static_cast<std::size_t>(at_ - from)};
    form_.end_text(found.size());
    return take('"');
  }

  bool number(value& seen) {
    const auto* const from = at_;
    while ((*at_ >= '0' && *at_ <= '9') || *at_ == '-' || *at_ == '+' || *at_ == '.' || *at_ == 'e' || *at_ == 'E')
      ++at_;
    seen = {kind::number, {from, static_cast<std::size_t>(at_ - from)}};
    if (!is_json_number(seen.text)) return false;
    form_.put_text('n', seen.text);
    return true;
  }

  bool literal(std::string_view word, kind type, char tag, value& seen) {
    if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
    seen = {type, {at_, word.size()}};
    at_ += word.size();
    form_.put(tag);
    return true;
  }

  bool any_value(value& seen, std::size_t depth) {
    switch (*at_) {
    case '"':
      ++at_;
      seen.type = kind::string;
      return string(seen.text);
    case '{':
      ++at_;
      seen.type = kind::object;
      return object(depth + 1);
    case '[':
      ++at_;
      seen.type = kind::array;
      return array(depth + 1);
    case 't':
      return literal("true", kind::boolean, 't', seen);
    case 'f':
      return literal("false", kind::boolean, 'f', seen);
    case 'n':
      return literal("null", kind::null, 'z', seen);
    default:
      return number(seen);
    }
  }

  bool array(std::size_t depth) {
    if (depth > deepest) return false;
    form_.put('[');
    skip_space();
    if (!take(']')) {
      do {
        value seen;
        if (!any_value(seen, depth)) return false;
      } while (take_between_space(','));
      if (!take(']')) return false;
    }
    form_.put(']');
    return true;
  }

  bool one_member(std::size_t depth) {
    member m;
    m.begin = form_.size();
    if (!take('"') || !string(m.name) || !take_between_space(':')) return false;
    m.value_begin = form_.size();
    if (!any_value(m.val, depth)) return false;
    if (depth == 1 && m.val.type == kind::string) leave_what_counts(m);
    m.end = form_.size();
    form_.members.push_back(m);
    return true;
  }

  void leave_what_counts(const member& m) {
    const auto counts = what_counts(m.name, m.val.text, buffer_);
    if (counts.data() == m.val.text.data()) return;
    form_.cut(m.value_begin);
    form_.put_text('s', counts);
  }

  bool object(std::size_t depth) {
    if (depth > deepest) return false;
    const auto first = form_.members.size();
    form_.put('{');
    skip_space();
    if (!take('}')) {
      do {
        if (!one_member(depth)) return false;
      } while (take_between_space(','));
      if (!take('}') || form_.sort_members(first) != nullptr) return false;
    }
    form_.put('}');
    if (depth > 1) form_.members.resize(first);
    return true;
  }

  const std::string& text_;
  const char* at_;
  canonical_form& form_;
  std::string& buffer_;
  eight_bytes seen_ = 0; ///< all bytes of strings, one over the other, and some behind them
};

} // namespace

bool quick_walk(const std::string& text, canonical_form& form, std::string& buffer) {
  form.begin(text.size());
  return quick_walker(text, form, buffer).run();
}

} // namespace mcbatch::manifest
