#ifndef MCBATCH_SIMULATION_SIMULATION_HPP
#define MCBATCH_SIMULATION_SIMULATION_HPP

#include <mcbatch/simulation/plan.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace mcbatch::simulation {

/// What became of one request of a run. Times are since the beginning.
struct sent_request {
  std::uint32_t run = 0; ///< of the plan's
  bool refused = false;  ///< by a 429
  duration left{};
  duration ended = duration::max(); ///< when its answer came, or it was given up on; max: not yet
};

/// What a simulation has seen so far.
struct trace {
  std::vector<sent_request> requests; ///< of all runs, in the order in which they left
  std::vector<duration> counted;      ///< when the service counted each of the runs' requests
  std::uint64_t refused = 0;
  std::uint64_t strangers = 0, strangers_refused = 0; ///< somebody else's requests, all and refused ones
  std::vector<std::optional<duration>> finished;      ///< for each run: when its last job was done
};

/// Plays runs of mcbatch, each with the real scheduler and quota, against the real double of the service, in virtual
/// time: hours pass in milliseconds. Needs neither clock, nor thread, nor network, nor file.
class simulation {
public:
  /// The plan's service options must be valid ones; the token is filled in.
  explicit simulation(plan p);
  ~simulation();

  /// Plays on until that time after the beginning, or until every run is over if that is earlier, or until at least so
  /// many requests of the runs have left. Throws std::logic_error, with the seed, if a run waits for nothing.
  void run_until(duration end, std::uint64_t requests = UINT64_MAX);

  /// Plays until every run is over.
  void run() { run_until(duration::max()); }

  [[nodiscard]] const trace& seen() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace mcbatch::simulation

#endif
