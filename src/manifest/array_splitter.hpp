#ifndef MCBATCH_MANIFEST_ARRAY_SPLITTER_HPP
#define MCBATCH_MANIFEST_ARRAY_SPLITTER_HPP

#include "manifest/splitter.hpp"

namespace mcbatch::manifest {

/// Finds the end of one element of a JSON array, fed in parts cut anywhere. It knows strings, escapes and brackets, and
/// nothing else of JSON: whether the element is any good is seen later.
///
/// What is wrong in an element should not cost those behind it. A closing bracket closes what it fits, and all that is
/// open in it; a string ends with its line at the latest; and an element that nothing closes is cut before a line that
/// begins with a brace where no value can stand, or with a bracket that closes nothing of it. None of that is JSON, so
/// that a valid element is never cut.
class element_scanner {
public:
  /// Takes the bytes of the element from the front of `bytes`, and returns how many those are.
  std::size_t eat(std::string_view bytes);

  [[nodiscard]] bool complete() const { return complete_; }

  /// Whether it was not closed.
  [[nodiscard]] bool cut() const { return cut_; }

private:
  static constexpr std::size_t remembered = 64; ///< deeper brackets are counted only: such an entry is bad anyhow

  std::size_t eat_string(std::string_view bytes);
  bool ends_before(char c) const;
  bool cut_before(char c) const;
  void eat_one(char c);
  void open(bool brace);
  void close(bool brace);
  /// How deep the innermost open brace (or bracket) stands; 0 where none is known.
  [[nodiscard]] std::size_t innermost(bool brace) const;

  std::size_t depth_ = 0;
  std::uint64_t braces_ = 0; ///< a bit for each depth: whether a brace opened it, or a bracket
  bool started_ = false;
  bool line_begins_ = false; ///< nothing but space since the line's beginning
  bool after_colon_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  bool complete_ = false;
  bool cut_ = false;
};

/// A JSON array of entries, read element by element. Where a comma is missing or too many, an entry is bad; where the
/// array does not close or something follows it, reading fails.
class array_splitter final : public splitter {
public:
  /// `in` stands at the opening bracket.
  explicit array_splitter(window& in) : in_(in) { in_.consume(1); }
  result<std::optional<draft>> next() override;

private:
  enum class place { at_start, after_element, after_cut, after_comma, closed };

  draft numbered(draft d);
  result<std::optional<draft>> comma();
  result<std::optional<draft>> closing_bracket();
  result<std::optional<draft>> element();

  window& in_;
  place place_ = place::at_start;
  std::uint64_t number_ = 0; ///< of the entry that was handed out last
  std::size_t taken_ = 0;    ///< bytes of the draft that was handed out last
  std::string kept_;
};

} // namespace mcbatch::manifest

#endif
