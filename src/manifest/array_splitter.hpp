#ifndef MCBATCH_MANIFEST_ARRAY_SPLITTER_HPP
#define MCBATCH_MANIFEST_ARRAY_SPLITTER_HPP

#include "manifest/splitter.hpp"

namespace mcbatch::manifest {

/// Finds the end of one element of a JSON array, fed in parts cut anywhere. It knows strings, escapes and depth, and
/// nothing else of JSON: whether the element is any good is seen later.
class element_scanner {
public:
  /// Takes the bytes of the element from the front of `bytes`, and returns how many those are.
  std::size_t eat(std::string_view bytes);

  [[nodiscard]] bool complete() const { return complete_; }

private:
  std::size_t eat_string(std::string_view bytes);

  std::size_t depth_ = 0;
  bool started_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  bool complete_ = false;
};

/// A JSON array of entries, read element by element. Where a comma is missing or too many, an entry is bad; where the
/// array does not close or something follows it, reading fails.
class array_splitter final : public splitter {
public:
  /// `in` stands at the opening bracket.
  explicit array_splitter(window& in) : in_(in) { in_.consume(1); }
  result<std::optional<draft>> next() override;

private:
  enum class place { at_start, after_element, after_comma, closed };

  result<std::optional<draft>> comma();
  result<std::optional<draft>> closing_bracket();
  result<std::optional<draft>> element();

  window& in_;
  place place_ = place::at_start;
  std::size_t taken_ = 0; ///< bytes of the draft that was handed out last
  std::string kept_;
};

} // namespace mcbatch::manifest

#endif
