#ifndef MCBATCH_SIMULATION_PLAN_HPP
#define MCBATCH_SIMULATION_PLAN_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/governor.hpp>
#include <mcbatch/sandbox/service.hpp>
#include <mcbatch/submit/scheduler.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace mcbatch::simulation {

/// One run of mcbatch. All runs of a plan share the account.
struct run_plan {
  std::uint64_t jobs = 0;
  duration starts{};                ///< after the beginning
  std::optional<duration> killed{}; ///< after the beginning; what is in flight then goes on without it
  quota::governor_settings quota{};
  submit::scheduler_settings scheduling{};
};

/// The way to the service and back.
struct network {
  duration shortest{}, longest{}; ///< round trips; each is drawn anew, and so is when within it the service counts
  double lost = 0;                ///< how many requests get no answer; half of them the service counts nonetheless
};

/// What is simulated. The same plan gives the same trace.
struct plan {
  sandbox::service_options service{};
  network net{};
  wall_time begins{};            ///< the real time at the beginning
  duration runs_clock_ahead{};   ///< how far the runs' civil clock is ahead of the real one
  double service_clock_rate = 1; ///< seconds of the service's clock in one of ours
  std::vector<run_plan> runs{};

  /// When somebody else's next request arrives, after one that arrived at the time given and was refused or not;
  /// nothing: never again. Times are since the beginning; it is first asked with 0. Empty: nobody else is there.
  std::function<std::optional<duration>(duration, bool refused)> stranger{};

  std::uint64_t seed = 0;
};

} // namespace mcbatch::simulation

#endif
