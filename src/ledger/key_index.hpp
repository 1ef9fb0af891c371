#ifndef MCBATCH_LEDGER_KEY_INDEX_HPP
#define MCBATCH_LEDGER_KEY_INDEX_HPP

#include <mcbatch/core/job.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcbatch::ledger {

/// Which row has which key, in memory: six bytes a job, so that ten million take some 65 MB. A part of the key chooses
/// a list, another marks the row in it; whoever asks looks at the rows that are left, which is nearly always the right
/// one or none.
class key_index {
public:
  /// Throws std::length_error for a row beyond 2^32.
  void add(const job_key& key, std::int64_t row);

  /// Calls `is_it` with each row that may have `key`, until it returns true. Returns whether it did.
  template <class IsIt>
  bool find(const job_key& key, IsIt is_it) const {
    if (lists_.empty()) return false;
    const auto mark = mark_of(key);
    const auto& list = lists_[list_of(key)];
    return std::any_of(list.begin(), list.end(), [&](const place& p) { return p.mark == mark && is_it(p.row_of()); });
  }

private:
  struct place {
    std::uint16_t mark, high, low; // the row in halves, so that nothing is padded

    [[nodiscard]] std::int64_t row_of() const { return std::int64_t{high} << 16 | low; }
  };
  static_assert(sizeof(place) == 6);

  // Keys are hashes, so that any of their bits will do.
  static std::size_t list_of(const job_key& key) { return std::size_t{key.bytes[0]} << 8 | key.bytes[1]; }
  static std::uint16_t mark_of(const job_key& key) {
    return static_cast<std::uint16_t>(key.bytes[2] << 8 | key.bytes[3]);
  }

  std::vector<std::vector<place>> lists_; // 65,536, or none
};

} // namespace mcbatch::ledger

#endif
