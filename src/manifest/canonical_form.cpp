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

bool canonical_form::before(const place& a, const place& b, std::size_t first) const {
  if (a.beginning != b.beginning) return a.beginning < b.beginning;
  return members[first + a.number].name < members[first + b.number].name;
}

/// Entries are alike: as a rule, the order of the last one's members is that of these. Whether it is.
bool canonical_form::order_as_before(std::size_t first) {
  if (order_.size() != members.size() - first) return false;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    order_[i].beginning = beginning_of(members[first + order_[i].number].name);
    if (i > 0 && !before(order_[i - 1], order_[i], first)) return false;
  }
  return true;
}

const member* canonical_form::sort_members(std::size_t first) {
  if (!order_as_before(first)) {
    order_.clear();
    for (auto i = first; i < members.size(); ++i)
      order_.push_back({beginning_of(members[i].name), static_cast<std::uint32_t>(i - first)});
    std::sort(order_.begin(), order_.end(), [&](const place& a, const place& b) { return before(a, b, first); });
    const auto twice = std::adjacent_find(order_.begin(), order_.end(),
                                          [&](const place& a, const place& b) { return !before(a, b, first); });
    if (twice != order_.end()) return &members[first + twice->number];
  }
  move_forms(first);
  return nullptr;
}

void canonical_form::move_forms(std::size_t first) {
  const auto in_order = [](const place& a, const place& b) { return a.number < b.number; };
  if (std::is_sorted(order_.begin(), order_.end(), in_order)) return;
  const auto start = members[first].begin;
  if (scratch_.size() < buffer_.size()) scratch_.resize(buffer_.size());
  std::size_t to = start;
  for (const auto& p : order_) {
    auto& m = members[first + p.number];
    const auto length = m.end - m.begin;
    std::memcpy(scratch_.data() + to, buffer_.data() + m.begin, length);
    m.value_begin = to + (m.value_begin - m.begin);
    m.begin = to;
    m.end = to += length;
  }
  std::memcpy(buffer_.data() + start, scratch_.data() + start, to - start);
}

} // namespace mcbatch::manifest
