#ifndef MCBATCH_CORE_RANDOM_HPP
#define MCBATCH_CORE_RANDOM_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <random>

namespace mcbatch {

/// The one source of chance: seeded, and its seed is logged, so that a run's waits can be had again.
class random_source {
public:
  explicit random_source(std::uint64_t seed) : engine_(seed) {}

  /// A time drawn evenly from [0, most]; 0 where `most` is not positive.
  duration up_to(duration most) {
    if (most <= duration::zero()) return duration::zero();
    return duration(std::uniform_int_distribution<duration::rep>(0, most.count())(engine_));
  }

  /// A number drawn evenly from [0, 1).
  double unit() { return std::uniform_real_distribution<double>(0.0, 1.0)(engine_); }

  /// Another source that draws on its own: what one user of chance draws does not change what another gets.
  random_source fork() { return random_source(engine_()); }

private:
  std::mt19937_64 engine_;
};

} // namespace mcbatch

#endif
