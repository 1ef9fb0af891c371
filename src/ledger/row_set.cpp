#include "row_set.hpp"

#include <algorithm>

namespace mcbatch::ledger {

bool row_set::insert(std::int64_t row) {
  const auto word = word_of(row);
  if (word >= words_.size()) words_.resize(word + 1);
  lowest_word_ = std::min(lowest_word_, word);
  const bool added = (words_[word] & bit_of(row)) == 0;
  words_[word] |= bit_of(row);
  return added;
}

bool row_set::contains(std::int64_t row) const {
  const auto word = word_of(row);
  return word < words_.size() && (words_[word] & bit_of(row)) != 0;
}

void row_set::remove(std::int64_t row) {
  if (const auto word = word_of(row); word < words_.size()) words_[word] &= ~bit_of(row);
}

std::optional<std::int64_t> row_set::take_lowest() {
  while (lowest_word_ < words_.size() && words_[lowest_word_] == 0)
    ++lowest_word_;
  if (lowest_word_ == words_.size()) return std::nullopt;
  auto& word = words_[lowest_word_];
  const auto bit = static_cast<std::size_t>(std::countr_zero(word));
  word &= word - 1;
  return static_cast<std::int64_t>(lowest_word_ * word_bits + bit);
}

} // namespace mcbatch::ledger
