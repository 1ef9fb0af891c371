#ifndef MCBATCH_MANIFEST_CSV_SPLITTER_HPP
#define MCBATCH_MANIFEST_CSV_SPLITTER_HPP

#include "manifest/csv_record.hpp"
#include "manifest/splitter.hpp"
#include "manifest/walk.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mcbatch::manifest {

/// A column of a CSV manifest: what its cells become.
struct column {
  enum class content : std::uint8_t { text, size, json };
  std::string name; ///< of the member, without ":json"
  content holds = content::text;
  std::string member; ///< the name as JSON, and a colon
};

/// Whether the first line of `in` names one of the fields that an entry needs. Reads on as needed, consumes nothing.
result<bool> looks_like_csv(window& in);

/// CSV with a header (RFC 4180). Each row becomes a JSON object with a member for each cell that is not empty, in the
/// order of the columns.
///
/// A row with a broken quote ends at the end of the line on which that quote opens, so that a quote left open spoils
/// one row and not the rest. So does a row with a quote that does not close within what an entry may have.
class csv_splitter final : public splitter {
public:
  /// Reads the header. Fails with errc::unusable_input.
  static result<std::unique_ptr<splitter>> open(window& in);

  csv_splitter(window& in, std::vector<column> columns) : in_(in), columns_(std::move(columns)) {}
  result<std::optional<draft>> next() override;

private:
  bool skip_line_end();
  result<std::optional<draft>> broken();
  draft row();
  void append_cell(draft& d, const column& col, const cell& c);

  window& in_;
  std::vector<column> columns_;
  csv_record record_;
  walker json_;
  std::size_t taken_ = 0; ///< bytes of the draft that was handed out last
  std::string buffer_;
  std::string kept_;
};

} // namespace mcbatch::manifest

#endif
