#ifndef MCBATCH_SIMULATION_FORECAST_HPP
#define MCBATCH_SIMULATION_FORECAST_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/limit.hpp>
#include <mcbatch/simulation/simulation.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace mcbatch::simulation {

/// When the turn of each of many requests comes, by playing a run under these limits with the usual settings, as far
/// as somebody asks, and no further than until its pattern repeats: 10 million jobs on Free, which take 11 years, cost
/// the playing of two hours. What is asked may be any number of requests and cost no more than the playing of 30,000.
///
/// The run is one that nobody disturbs, with nothing spent before, and of a service of which nothing is assumed that
/// it might not grant: its windows slide and its answers tell nothing, so that our own count governs each window. Where
/// the service counts fixed hours and its headers show them, a run is sooner done, by up to an hour's requests.
///
/// Each round trip takes `round_trip`, neither more nor less. What a run takes depends on their mean, since a token is
/// out for a window and a round trip; and as they are all alike, the pattern repeats exactly.
///
/// Not thread-safe.
class forecast {
public:
  static constexpr duration round_trip = std::chrono::milliseconds(135); ///< midway between 20 and 250 ms

  /// At least one limit, each as `quota::parse_limit` may have read it.
  explicit forecast(std::vector<quota::limit> limits);

  /// The turn of the request number `index`, counted from 0, after the start; never earlier than that of a lesser
  /// index. What is beyond the range of `duration`, some 292 years, is its maximum.
  [[nodiscard]] duration operator()(std::uint64_t index);

private:
  /// At most so many requests leave in any time of that length, the answers' way included.
  struct bound {
    std::uint64_t requests;
    duration time;
  };

  void set_bounds(const std::vector<quota::limit>& limits);
  void play_until_known(std::uint64_t index);
  void take_turn(duration turn);
  [[nodiscard]] bool repeats() const;
  [[nodiscard]] duration extrapolate(std::uint64_t index, std::size_t from_bound) const;

  std::vector<bound> bounds_;             // that can bind at all, the strictest first
  std::unique_ptr<class simulation> run_; // none: all that is to be played was
  std::vector<duration> turns_;           // as they were played
  std::uint64_t alike_ = 0; // how many of the last turns came the strictest bound's time after those of its last window
};

} // namespace mcbatch::simulation

#endif
