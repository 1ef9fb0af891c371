#define BOOST_TEST_DYN_LINK
#include "quota/simulation.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace mcbatch::quota::test {
namespace {

constexpr duration timeout = std::chrono::seconds(30); // as governor_settings has it

} // namespace

void simulation::run_until(instant end) {
  while (now_ < end) {
    auto next = agenda_.empty() ? end : agenda_.begin()->first;
    if (in_flight_ < network_.max_in_flight) {
      const auto a = governor_.admit(now_);
      if (a.go) {
        send();
        continue;
      }
      const bool knows_when = a.until ? *a.until > now_ : in_flight_ > 0;
      BOOST_REQUIRE_MESSAGE(knows_when, "stalled after " << left_.size() << " requests");
      if (a.until) next = std::min(next, *a.until);
    }
    now_ = next;
    while (!agenda_.empty() && agenda_.begin()->first <= now_) {
      const auto what = std::move(agenda_.begin()->second);
      agenda_.erase(agenda_.begin());
      what();
    }
  }
}

void simulation::send() {
  const auto id = governor_.leave(now_).request;
  left_.push_back(now_);
  ++in_flight_;
  if (random_.unit() < network_.lost) {
    at(now_ + timeout, [this, id] {
      --in_flight_;
      governor_.apply({event_kind::gave_up, id, now_, {}});
    });
    at(now_ + random_.up_to(2 * timeout), [this] {
      counted_.push_back(now_);
      server_(now_);
    });
    return;
  }
  const auto back = way();
  at(now_ + way(), [this, id, back] {
    counted_.push_back(now_);
    const auto a = server_(now_);
    at(now_ + back, [this, id, a] {
      --in_flight_;
      refused_ += a.refused;
      governor_.apply({a.refused ? event_kind::refusal : event_kind::answer, id, now_, a.rate});
    });
  });
}

/// Often nothing, often all, else something between: the extremes are where a window is exceeded.
duration simulation::way() {
  const auto kind = random_.unit();
  if (kind < 0.2) return duration::zero();
  if (kind < 0.4) return network_.longest_way;
  return random_.up_to(network_.longest_way);
}

std::vector<instant> simulation::counted() const {
  auto all = counted_;
  std::ranges::sort(all);
  return all;
}

std::size_t most_in_any(const std::vector<instant>& counted, duration window) {
  std::size_t most = 0, first = 0;
  for (std::size_t last = 0; last < counted.size(); ++last) {
    while (counted[last] - counted[first] >= window)
      ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

} // namespace mcbatch::quota::test
