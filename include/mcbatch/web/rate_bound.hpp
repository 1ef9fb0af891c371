#ifndef MCBATCH_WEB_RATE_BOUND_HPP
#define MCBATCH_WEB_RATE_BOUND_HPP

#include <mcbatch/core/time.hpp>

#include <algorithm>

namespace mcbatch::web {

/// Lets so many through in a second on the average, and as many at once. Pure.
class rate_bound {
public:
  explicit rate_bound(unsigned per_second) : per_second_(per_second), left_(per_second) {}

  bool admit(instant now) {
    const auto passed = std::chrono::duration<double>(now - last_).count();
    if (passed > 0) left_ = std::min(per_second_, left_ + passed * per_second_);
    last_ = std::max(last_, now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

private:
  double per_second_, left_;
  instant last_{};
};

} // namespace mcbatch::web

#endif
