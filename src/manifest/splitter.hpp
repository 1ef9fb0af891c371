#ifndef MCBATCH_MANIFEST_SPLITTER_HPP
#define MCBATCH_MANIFEST_SPLITTER_HPP

#include "manifest/window.hpp"

#include <mcbatch/core/error.hpp>
#include <mcbatch/manifest/entry.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcbatch::manifest {

/// One entry as it was cut out of the manifest, before anyone looked at its fields.
struct draft {
  std::uint64_t line = 0;        ///< 1-based line of its first byte
  std::string_view text;         ///< as it stands in the manifest, where `body` is not that; valid until the
                                 ///< splitter goes on
  std::string body;              ///< its JSON text, to be looked at; empty where cutting it out already failed
  std::vector<problem> problems; ///< what cutting it out found wrong
  std::uint64_t number = 0;      ///< which entry of an array it is, from 1; 0 where its line tells it
};

/// Cuts a manifest into entries.
class splitter {
public:
  virtual ~splitter() = default;

  /// The next entry, or nothing at the end. The sentence of a failure names no file and no line.
  virtual result<std::optional<draft>> next() = 0;
};

/// A draft that is bad as a whole.
inline draft faulty(std::uint64_t line, std::string_view text, std::string message) {
  draft d{line, text, {}, {}, 0};
  d.problems.push_back({line, {}, std::move(message)});
  return d;
}

inline constexpr const char* too_long = "the entry is longer than 1 MiB, the most that an entry may have";

/// Drops the first `known` unread bytes and everything behind them up to the next line, in bounded memory, and says
/// what stands in its place. `kept` holds the text of the draft.
result<std::optional<draft>> skip_long_line(window& in, std::string& kept, std::size_t known = 0);

/// JSON Lines: an entry a line. Blank lines are passed over.
class line_splitter final : public splitter {
public:
  explicit line_splitter(window& in) : in_(in) {}
  result<std::optional<draft>> next() override;

private:
  window& in_;
  std::size_t taken_ = 0; ///< bytes of the draft that was handed out last
  std::string kept_;
};

} // namespace mcbatch::manifest

#endif
