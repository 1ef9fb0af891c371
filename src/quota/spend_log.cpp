#include <mcbatch/quota/spend_log.hpp>

#include <algorithm>

namespace mcbatch::quota {

void spend_log::settle(instant at) {
  --in_flight_;
  settled_.insert(std::upper_bound(settled_.begin(), settled_.end(), at), at);
}

std::uint64_t spend_log::spent(instant now, duration window) const {
  const auto returned = std::upper_bound(settled_.begin(), settled_.end(), now - stretched(window));
  return in_flight_ + static_cast<std::uint64_t>(settled_.end() - returned);
}

std::uint64_t spend_log::settled_after(instant at) const {
  return static_cast<std::uint64_t>(settled_.end() - std::upper_bound(settled_.begin(), settled_.end(), at));
}

std::optional<instant> spend_log::free_from(instant now, const limit& l) const {
  const auto out = spent(now, l.window);
  if (out < l.requests) return now;
  const auto must_return = out - l.requests + 1;
  const auto still_out = out - in_flight_; // of those that are settled
  if (must_return > still_out) return std::nullopt;
  const auto last = settled_.size() - still_out + must_return - 1;
  return settled_[static_cast<std::size_t>(last)] + stretched(l.window);
}

void spend_log::forget_before(instant now, duration longest_window) {
  while (!settled_.empty() && settled_.front() <= now - stretched(longest_window))
    settled_.pop_front();
}

} // namespace mcbatch::quota
