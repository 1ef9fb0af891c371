#ifndef MCBATCH_MANIFEST_CSV_RECORD_HPP
#define MCBATCH_MANIFEST_CSV_RECORD_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::manifest {

/// A cell of a CSV record. Nothing is trimmed.
struct cell {
  std::string_view raw;          ///< without the quotes around it
  bool has_quotes_in_it = false; ///< each of which stands doubled in `raw`

  /// Its text; written to `buffer` where it is not in `raw`.
  [[nodiscard]] std::string_view text(std::string& buffer) const;
};

/// One record as RFC 4180, section 2, has it, with "\n" or "\r\n" at its end.
struct csv_record {
  enum class state : std::uint8_t {
    whole,
    wants_more,   ///< its end is not in what was given
    never_closed, ///< a quote opens at `fault_at` and does not close
    text_after,   ///< a cell whose quote opens at `fault_at` goes on after its closing quote
    stray_quote,  ///< a cell that is not quoted has a quote in it, at `fault_at`
  };
  state found = state::wants_more;
  std::size_t length = 0; ///< of a whole record, with its line end
  std::size_t fault_at = 0;
  std::vector<cell> cells; ///< of a whole record: views into what was given
};

/// Splits the record at the front of `data`, which is not empty. With `last`, nothing follows `data`. `into` is
/// overwritten; its memory is used again.
void split_record(std::string_view data, bool last, csv_record& into);

} // namespace mcbatch::manifest

#endif
