#include <mcbatch/quota/spend_log.hpp>

namespace mcbatch::quota {

void spend_log::settle(instant at) {
  --in_flight_;
  settled_.add(at);
}

std::uint64_t spend_log::spent(instant now, duration window) const {
  return in_flight_ + settled_.after(now - stretched(window));
}

std::uint64_t spend_log::settled_after(instant at) const {
  return settled_.after(at);
}

std::optional<instant> spend_log::free_from(instant now, const limit& l) const {
  if (spent(now, l.window) < l.requests) return now;
  if (in_flight_ >= l.requests) return std::nullopt;
  return settled_.leaves_at_most(l.requests - 1 - in_flight_) + stretched(l.window);
}

void spend_log::forget_before(instant now, duration longest_window) {
  settled_.forget_until(now - stretched(longest_window));
}

} // namespace mcbatch::quota
