#ifndef MCBATCH_LEDGER_KEY_INDEX_HPP
#define MCBATCH_LEDGER_KEY_INDEX_HPP

#include "moved_keys.hpp"

#include <mcbatch/core/job.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcbatch::ledger {

/// Which row has which key: six bytes a job in memory, and on the disk where those are too many. A part of the key
/// chooses a list, another marks the row in it; whoever asks looks at the rows that are left, which is nearly always
/// the right one or none.
///
/// Throws temporary_file_error.
class key_index {
public:
  explicit key_index(std::size_t most_in_memory) : most_in_memory_(most_in_memory) {}

  /// Throws std::length_error for a row beyond 2^32.
  void add(const job_key& key, std::int64_t row);

  /// Calls `is_it` with each row that may have `key`, until it returns true. Returns whether it did.
  template <class IsIt>
  bool find(const job_key& key, IsIt is_it) {
    if (lists_.empty()) return false;
    const auto mark = mark_of(key);
    const auto& list = lists_[list_of(key)];
    if (std::any_of(list.begin(), list.end(), [&](const place& p) { return p.mark == mark && is_it(p.row()); }))
      return true;
    return moved_ && moved_->find(part_of(list_of(key), mark), is_it);
  }

private:
  struct place {
    std::uint16_t mark, high, low; // the row in halves, so that nothing is padded

    [[nodiscard]] std::uint32_t row() const { return std::uint32_t{high} << 16 | low; }
  };
  static_assert(sizeof(place) == 6);

  // Keys are hashes, so that any of their bits will do.
  static std::size_t list_of(const job_key& key) { return std::size_t{key.bytes[0]} << 8 | key.bytes[1]; }
  static std::uint16_t mark_of(const job_key& key) {
    return static_cast<std::uint16_t>(key.bytes[2] << 8 | key.bytes[3]);
  }
  static std::uint32_t part_of(std::size_t list, std::uint16_t mark) {
    return static_cast<std::uint32_t>(list << 16 | mark);
  }

  void move_some();

  std::size_t most_in_memory_;
  std::size_t in_memory_ = 0;
  std::vector<std::vector<place>> lists_; // 65,536, or none
  std::size_t turn_ = 0;                  // the list that is to be moved next
  std::optional<moved_keys> moved_;
};

} // namespace mcbatch::ledger

#endif
