#include <mcbatch/quota/time_tally.hpp>

#include <algorithm>

namespace mcbatch::quota {
namespace {

constexpr std::size_t most_entries = 1 << 16;
constexpr int share_of_age = 256;

} // namespace

void time_tally::add(instant at, std::uint64_t n) {
  auto place = entries_.end();
  if (!entries_.empty() && at < entries_.back().at) place = std::ranges::upper_bound(entries_, at, {}, &entry::at);
  const auto before = place == entries_.begin() ? forgotten_ : std::prev(place)->upto;
  for (auto later = entries_.insert(place, {at, before}); later != entries_.end(); ++later)
    later->upto += n;
  if (entries_.size() > most_entries) thin_out();
}

/// Of the older three quarters neighbours become one, the later of them, as far as none then stands for more than a
/// small part of all, and for a time that is short beside its age: what came before a pause is not told after it.
void time_tally::thin_out() {
  join_neighbours(share_of_age);
  if (entries_.size() > most_entries / 4 * 3) join_neighbours(0); // they came so unevenly
}

/// `share`: of its age, the time that one may stand for; 0 for any time.
void time_tally::join_neighbours(int share) {
  const auto most_together = count() / (most_entries / 8) + 1;
  const auto newest = entries_.back().at;
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(entries_.size() / 4 * 3);
  auto kept = entries_.begin();
  auto before = forgotten_;
  auto since = kept->at;
  for (auto one = kept; one != end; ++one) {
    const bool joins_next = one + 1 != end && one[1].upto - before <= most_together &&
                            (share == 0 || one[1].at - since <= (newest - one[1].at) / share);
    if (joins_next) continue;
    before = one->upto;
    *kept++ = *one;
    if (one + 1 != end) since = one[1].at;
  }
  entries_.erase(kept, end);
}

std::uint64_t time_tally::after(instant at) const {
  const auto first = std::ranges::upper_bound(entries_, at, {}, &entry::at);
  return total() - (first == entries_.begin() ? forgotten_ : std::prev(first)->upto);
}

instant time_tally::leaves_at_most(std::uint64_t most) const {
  return std::ranges::lower_bound(entries_, total() - most, {}, &entry::upto)->at;
}

std::uint64_t time_tally::forget_until(instant at) {
  const auto before = forgotten_;
  while (!entries_.empty() && entries_.front().at <= at) {
    forgotten_ = entries_.front().upto;
    entries_.pop_front();
  }
  return forgotten_ - before;
}

} // namespace mcbatch::quota
