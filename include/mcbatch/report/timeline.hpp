#ifndef MCBATCH_REPORT_TIMELINE_HPP
#define MCBATCH_REPORT_TIMELINE_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/report/latency.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcbatch::report {

/// What ended when, in slices of equal length. Its memory is bounded: where there would be too many slices, each two
/// become one. Pure.
class timeline {
public:
  static constexpr duration shortest_slice = std::chrono::milliseconds(100);
  static constexpr std::size_t most_slices = 600;

  explicit timeline(instant start) : start_(start) {}

  /// A request ended at `at`, not before the start, and was accepted or not; it had an answer after `latency`, or none.
  void add(instant at, bool accepted, std::optional<duration> latency);

  struct slice {
    std::uint64_t accepted = 0;
    std::uint64_t errors = 0;
    latency_histogram latency; ///< of the answers
  };
  /// From the start to the slice in which something ended last.
  [[nodiscard]] const std::vector<slice>& slices() const { return slices_; }
  [[nodiscard]] duration slice_length() const { return length_; }

private:
  void halve();

  instant start_;
  duration length_ = shortest_slice;
  std::vector<slice> slices_;
};

} // namespace mcbatch::report

#endif
