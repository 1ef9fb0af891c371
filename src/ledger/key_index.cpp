#include "key_index.hpp"

#include <stdexcept>

namespace mcbatch::ledger {
namespace {

constexpr std::size_t lists = 65'536;

} // namespace

void key_index::add(const job_key& key, std::int64_t row) {
  if (row < 0 || row > UINT32_MAX) throw std::length_error("a ledger holds four thousand million jobs at most");
  if (lists_.empty()) lists_.resize(lists);
  auto& list = lists_[list_of(key)];
  // By little, where a vector would double itself: all lists are about as long, and would do so at one time.
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 16 + 2);
  list.push_back({mark_of(key), static_cast<std::uint16_t>(row >> 16), static_cast<std::uint16_t>(row & 0xffff)});
}

} // namespace mcbatch::ledger
