#ifndef MCBATCH_REPORT_LATENCY_HPP
#define MCBATCH_REPORT_LATENCY_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <memory>

namespace mcbatch::report {

/// A histogram of latencies with bins of constant relative width (1 %), from 10 us to 1 h, in constant memory.
class latency_histogram {
public:
  latency_histogram();
  ~latency_histogram();
  latency_histogram(latency_histogram&&) noexcept;
  latency_histogram& operator=(latency_histogram&&) noexcept;

  void add(duration latency);
  void add(const latency_histogram& others);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] duration max() const { return max_; }
  [[nodiscard]] duration sum() const { return sum_; }

  /// The latency that the part `p` (0 to 1) of all did not exceed, up to the width of a bin; 0 where there are none.
  [[nodiscard]] duration percentile(double p) const;

private:
  struct bins;
  std::unique_ptr<bins> bins_;
  std::uint64_t count_ = 0;
  duration max_{}, sum_{};
};

} // namespace mcbatch::report

#endif
