#include "key_index.hpp"

#include <stdexcept>

namespace mcbatch::ledger {
namespace {

constexpr std::size_t lists = 65'536;

/// Few, for intents and outcomes wait meanwhile.
constexpr std::size_t moved_at_once = 4096;

} // namespace

void key_index::add(const job_key& key, std::int64_t row) {
  if (row < 0 || row > UINT32_MAX) throw std::length_error("a ledger holds four thousand million jobs at most");
  if (lists_.empty()) lists_.resize(lists);
  auto& list = lists_[list_of(key)];
  // By little, where a vector would double itself: all lists are about as long, and would do so at one time.
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 16 + 2);
  list.push_back({mark_of(key), static_cast<std::uint16_t>(row >> 16), static_cast<std::uint16_t>(row & 0xffff)});
  if (++in_memory_ > most_in_memory_) move_some();
}

/// The lists take turns: their order is that of the file, so that what is moved at once goes to few of its pages; and
/// a list whose turn comes is twice as long as the others are on average.
void key_index::move_some() {
  if (!moved_) moved_.emplace();
  const auto enough = in_memory_ - std::min(in_memory_, moved_at_once);
  while (in_memory_ > enough) {
    auto& list = lists_[turn_];
    for (const auto& p : list)
      moved_->add(part_of(turn_, p.mark), p.row());
    in_memory_ -= list.size();
    list = std::vector<place>(); // and not {}, which would keep its memory
    turn_ = (turn_ + 1) % lists;
  }
}

} // namespace mcbatch::ledger
