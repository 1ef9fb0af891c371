#ifndef MCBATCH_TRACK_FAILING_TIME_HPP
#define MCBATCH_TRACK_FAILING_TIME_HPP

#include <mcbatch/core/time.hpp>

#include <algorithm>
#include <optional>

namespace mcbatch::track {

/// For how long a service has not worked: the time between the failures of a row, beyond what it asked to wait itself.
/// A gap that is longer than a pause after a failure takes tells nothing: nobody asked then.
class failing_time {
public:
  /// It failed once more, and asked to wait so long. Returns for how long it has failed.
  duration failed(instant now, duration asked) {
    if (last_) total_ += std::clamp(now - std::max(*last_, asked_until_), duration::zero(), longest_gap);
    last_ = now;
    asked_until_ = std::max(asked_until_, now + asked);
    return total_;
  }

  void works() {
    last_.reset();
    total_ = {};
  }

private:
  static constexpr duration longest_gap = std::chrono::minutes(2);

  std::optional<instant> last_;
  instant asked_until_{};
  duration total_{};
};

} // namespace mcbatch::track

#endif
