#include "manifest/canonical_form.hpp"

#include <algorithm>

namespace mcbatch::manifest {
namespace {

/// The first bytes of `name` as a number that sorts as they do.
std::uint64_t beginning_of(std::string_view name) {
  std::uint64_t n = 0;
  std::memcpy(&n, name.data(), std::min(name.size(), sizeof n));
  if constexpr (std::endian::native == std::endian::little) n = __builtin_bswap64(n);
  return n;
}

} // namespace

void canonical_form::begin(std::size_t text_size) {
  // The shortest value of JSON, "0," or 0 and a bracket, becomes six bytes of two: nothing grows more.
  const auto most = 3 * text_size + slack;
  if (buffer_.size() < most) buffer_.resize(most);
  size_ = 0;
  members.clear();
}

bool canonical_form::before(const place& a, const place& b) const {
  if (a.beginning != b.beginning) return a.beginning < b.beginning;
  return members[a.member].name < members[b.member].name;
}

const member* canonical_form::sort_members(std::size_t first) {
  order_.clear();
  for (auto i = first; i < members.size(); ++i)
    order_.push_back({beginning_of(members[i].name), static_cast<std::uint32_t>(i)});
  const auto sooner = [this](const place& a, const place& b) { return before(a, b); };
  if (!std::is_sorted(order_.begin(), order_.end(), sooner)) {
    std::sort(order_.begin(), order_.end(), sooner);
    move_members(first);
  }
  const auto same = [](const member& a, const member& b) { return a.name == b.name; };
  const auto twice = std::adjacent_find(members.begin() + static_cast<std::ptrdiff_t>(first), members.end(), same);
  return twice == members.end() ? nullptr : &*twice;
}

void canonical_form::move_members(std::size_t first) {
  const auto start = members[first].begin;
  if (scratch_.size() < buffer_.size()) scratch_.resize(buffer_.size());
  moved_.clear();
  std::size_t to = start;
  for (const auto& p : order_) {
    const auto& m = members[p.member];
    std::memcpy(scratch_.data() + to, buffer_.data() + m.begin, m.end - m.begin);
    moved_.push_back({m.name, m.val, to, to + (m.value_begin - m.begin), to + (m.end - m.begin)});
    to += m.end - m.begin;
  }
  std::memcpy(buffer_.data() + start, scratch_.data() + start, to - start);
  std::copy(moved_.begin(), moved_.end(), members.begin() + static_cast<std::ptrdiff_t>(first));
}

} // namespace mcbatch::manifest
