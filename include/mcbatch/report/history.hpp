#ifndef MCBATCH_REPORT_HISTORY_HPP
#define MCBATCH_REPORT_HISTORY_HPP

#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/report/latency.hpp>
#include <mcbatch/report/picture.hpp>
#include <mcbatch/report/time_slices.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace mcbatch::report {

/// What became of a job by the end of one try; or `told`: a request about a conversion was answered.
enum class try_end { accepted, rejected, in_doubt, rate_limited, put_back, told };

/// How many requests left within one window's length, as time goes on. Those that left within a thousandth of the
/// window count as one moment, so that memory is bounded: it may say too few, never too many.
class window_count {
public:
  explicit window_count(duration window) : window_(window) {}

  void add(wall_time at, std::uint64_t requests = 1);
  /// Requests in the window that ends at `now`. Time does not go back.
  std::uint64_t at(wall_time now);
  [[nodiscard]] duration window() const { return window_; }

private:
  struct moment {
    wall_time at;
    std::uint64_t requests;
  };
  duration window_;
  std::deque<moment> moments_;
  std::uint64_t within_ = 0;
};

/// Gathers what was sent, answered and ended, for charts over time. Its memory is bounded, however long that goes on.
/// Pure; not thread-safe.
class history {
public:
  /// Requests are counted within windows of these lengths.
  explicit history(const std::vector<duration>& windows);

  /// A request left. Of two that follow each other, the second is not taken to be earlier: clocks are set back.
  void sent(wall_time at);
  /// So many left before all that is told of otherwise, by whichever process. They count within windows alone.
  void remember(wall_time at, std::uint64_t requests);
  /// A try ended; by an answer after `latency`, or by none.
  void answered(wall_time at, try_end how, std::optional<duration> latency);
  /// A conversion ended, in a final state.
  void ended(wall_time at, conversion_state how);

  /// Nothing more happened until `now`: what has begun goes on to it.
  void reach(wall_time now);

  /// `windows` has a column for each of `limits`, an empty one for a window that was not counted.
  [[nodiscard]] request_series requests(const std::vector<limit_use>& limits) const;
  [[nodiscard]] conversion_series ended_conversions() const;
  /// Of all answers; nothing where there was none.
  [[nodiscard]] std::optional<latency_figures> latency() const;

private:
  struct request_slice {
    std::uint64_t sent = 0, accepted = 0, rejected = 0, in_doubt = 0, rate_limited = 0, put_back = 0, told = 0;
    std::optional<latency_histogram> latency;
    mutable std::optional<latency_figures> figures; // of it, if they were asked for since it changed
    std::vector<std::uint64_t> most;                // in each window; empty: none was counted
    void merge(request_slice&& later);
  };
  struct conversion_slice {
    std::uint64_t completed = 0, failed = 0, cancelled = 0;
    void merge(conversion_slice&& later);
  };

  void count_windows(wall_time until);
  [[nodiscard]] std::vector<std::uint64_t> window_column(duration window) const;

  std::vector<window_count> windows_;
  time_slices<request_slice> requests_;
  time_slices<conversion_slice> conversions_;
  latency_histogram latency_;
  std::optional<wall_time> last_sent_;
};

} // namespace mcbatch::report

#endif
