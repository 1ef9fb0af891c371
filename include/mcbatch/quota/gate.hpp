#ifndef MCBATCH_QUOTA_GATE_HPP
#define MCBATCH_QUOTA_GATE_HPP

#include <mcbatch/core/random.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/rate_headers.hpp>

namespace mcbatch::quota {

/// The one gate of a run: shut by a 429, for everything, for as long as the 429 asks.
class gate {
public:
  explicit gate(duration max_backoff) : max_backoff_(max_backoff) {}

  /// A 429 came. The wait is what it asks for, else `window`, and longer with each 429 in a row that the wait did not
  /// cure; plus a second, plus jitter, at most `max_backoff`.
  ///
  /// A Reset of a window that has room cannot be what to wait for: an hour's headers on the minute's 429 would cost up
  /// to an hour. So `window` is waited first, and Reset only if the next one is refused as well.
  void on_refusal(instant now, const rate_info& rate, duration window, random_source& random);

  /// An answer other than 429 came to a request that left when the gate was open: the last wait was long enough.
  void on_answer() {
    in_a_row_ = 0;
    doubted_ = false;
  }

  /// When it opens; in the past when it is open.
  [[nodiscard]] instant shut_until() const { return shut_until_; }

private:
  duration max_backoff_;
  instant shut_until_ = instant::min();
  int in_a_row_ = 0;
  bool doubted_ = false; // in this row a window was waited in place of Reset
};

} // namespace mcbatch::quota

#endif
