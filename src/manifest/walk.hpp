#ifndef MCBATCH_MANIFEST_WALK_HPP
#define MCBATCH_MANIFEST_WALK_HPP

#include <mcbatch/manifest/entry.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::manifest {

enum class kind : std::uint8_t { null, boolean, number, string, array, object };

/// How deep objects and arrays may be nested.
inline constexpr std::size_t deepest = 64;

/// "a number", "an object": for sentences.
std::string_view to_string(kind k) noexcept;

/// A value, as far as checks need it. The text of a string is unescaped, that of a number, boolean or null as written;
/// of an array or object there is none.
struct value {
  kind type = kind::null;
  std::string_view text;
};

/// A member of an object.
struct member {
  std::string_view name; ///< unescaped
  value val;
  std::size_t begin = 0;       ///< where it stands in the canonical form
  std::size_t value_begin = 0; ///< where its value does
  std::size_t end = 0;
};

/// An object that was walked whole. Everything in it is valid until the walker walks on or the text is changed.
struct walked {
  std::string_view canonical;
  std::span<const member> members; ///< in the order of the text

  [[nodiscard]] const member* find(std::string_view name) const;
  [[nodiscard]] std::string_view canonical_value(const member& m) const;
};

/// The text of an object as `walker::walk` likes it: with spare capacity, so that it need not be copied.
std::string walkable(std::string_view text);

/// Visits every value of a JSON object: sees that all of it is valid, that no object has a member twice and that it is
/// at most 64 deep, and writes its canonical form:
///
///     object   '{', for each member its name as a string and then its value, sorted by name (as bytes), '}'
///     array    '[', its values in order, ']'
///     string   's', its length in bytes (32 bits, most significant first), its bytes, unescaped
///     number   'n', likewise length and bytes, as written
///     true, false, null   't', 'f', 'z'
///
/// It is injective: no value's form is the beginning of another's. Presigning parameters are dropped from http and
/// https URLs that are values of the object's own members named "..._url". Changing any of this would give every job
/// in every ledger another identity.
class walker {
public:
  walker();
  walker(walker&&) noexcept;
  walker& operator=(walker&&) noexcept;
  ~walker();

  /// Walks `text`, whose capacity may grow. Where it is no valid object: adds to `problems` why.
  std::optional<walked> walk(std::string& text, std::uint64_t line, std::vector<problem>& problems);

  /// Whether `text` is one valid JSON value, with or without space around it.
  bool is_value(std::string_view text);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace mcbatch::manifest

#endif
