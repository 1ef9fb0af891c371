#ifndef MCBATCH_LEDGER_ROW_SET_HPP
#define MCBATCH_LEDGER_ROW_SET_HPP

#include <bit>
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

  void remove(std::int64_t row);

  /// Removes the lowest row and returns it.
  std::optional<std::int64_t> take_lowest();

  /// Calls `each` for each row, from the lowest on.
  template <class Each>
  void for_each(Each each) const {
    for (std::size_t word = lowest_word_; word < words_.size(); ++word)
      for (auto rest = words_[word]; rest != 0; rest &= rest - 1)
        each(static_cast<std::int64_t>(word * word_bits + static_cast<std::size_t>(std::countr_zero(rest))));
  }

private:
  static constexpr std::size_t word_bits = 64;

  static std::size_t word_of(std::int64_t row) { return static_cast<std::size_t>(row) / word_bits; }
  static std::uint64_t bit_of(std::int64_t row) {
    return std::uint64_t{1} << (static_cast<std::size_t>(row) % word_bits);
  }

  std::vector<std::uint64_t> words_;
  std::size_t lowest_word_ = 0; // every word before it is empty
};

} // namespace mcbatch::ledger

#endif
