#ifndef MCBATCH_TESTS_WHOLE_RUNS_WORLD_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_WORLD_HPP

#include "whole_runs/plan.hpp"
#include "whole_runs/program.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mcbatch::whole_runs {

/// How a test breaks the program from outside.
struct breakage {
  wrapper wrap;
  bool without_own_quota = false; ///< the program is given limits that it never reaches
};

/// What came of a plan.
struct verdict {
  std::vector<std::string> violations; ///< sentences; none: every promise was kept
  std::uint64_t trace = 0;             ///< of everything that happened, and when: equal for equal plans
  std::uint64_t lives = 0, killed = 0, powerless = 0, disk_failures = 0, sent = 0, accepted = 0, in_doubt = 0;

  /// Adds up the numbers.
  verdict& operator+=(const verdict& other);
};

/// Plays it, and holds the service's journal against the ledger after each life of the program.
verdict play(const plan& p, const breakage& b = {});

} // namespace mcbatch::whole_runs

#endif
