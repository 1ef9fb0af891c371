#ifndef MCBATCH_TRACK_POLL_SHARE_HPP
#define MCBATCH_TRACK_POLL_SHARE_HPP

#include <algorithm>

namespace mcbatch::track {

/// Leaves submission its way: while it has jobs to send, one request in ten may be a poll; else all of them.
class poll_share {
public:
  void on_submission() { credit_ = std::min(credit_ + 1, most_saved * submissions_a_poll); }
  void on_poll() { credit_ = std::max(credit_ - submissions_a_poll, 0); }
  [[nodiscard]] bool may_poll(bool submission_has_jobs) const {
    return !submission_has_jobs || credit_ >= submissions_a_poll;
  }

private:
  static constexpr int submissions_a_poll = 9;
  static constexpr int most_saved = 10; // polls

  int credit_ = 0;
};

} // namespace mcbatch::track

#endif
