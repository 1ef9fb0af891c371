#ifndef MCBATCH_LEDGER_ROW_SET_HPP
#define MCBATCH_LEDGER_ROW_SET_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcbatch::ledger {

/// A set of row numbers, a bit a row: ten million jobs take 1.25 MB.
class row_set {
public:
  /// Returns whether `row` was not in the set yet. Rows are not negative.
  bool insert(std::int64_t row);

  [[nodiscard]] bool contains(std::int64_t row) const;

  /// Removes the lowest row and returns it.
  std::optional<std::int64_t> take_lowest();

private:
  std::vector<std::uint64_t> words_;
  std::size_t lowest_word_ = 0; // every word before it is empty
};

} // namespace mcbatch::ledger

#endif
