#ifndef MCBATCH_TESTS_SIMULATION_OPTIMUM_HPP
#define MCBATCH_TESTS_SIMULATION_OPTIMUM_HPP

#include <mcbatch/quota/limit.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace mcbatch::simulation::test {

/// The safe optimum, by which the use of a quota is measured: when the requests of an endless queue leave at
/// the earliest, if requests take no time, so that every answer so far is known, and none may be refused
/// under any reading of the limits that the answers allow:
///
/// - the minute may be a fixed window, a sliding one or a bucket, whatever headers say: no window of it holds more,
///   wherever it begins;
/// - the hour likewise, unless the headers show the service's own fixed hour: then that counts, and it begins anew at
///   `hour_turns` after the beginning, and each hour after that.
///
/// Nothing was spent before the beginning.
class optimum {
public:
  optimum(std::vector<quota::limit> limits, std::optional<duration> hour_turns);

  /// When each of them leaves, until `end`.
  [[nodiscard]] std::vector<duration> left_by(duration end) const;

private:
  std::vector<quota::limit> limits_;
  std::optional<duration> hour_turns_;
};

} // namespace mcbatch::simulation::test

#endif
