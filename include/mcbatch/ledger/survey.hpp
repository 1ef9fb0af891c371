#ifndef MCBATCH_LEDGER_SURVEY_HPP
#define MCBATCH_LEDGER_SURVEY_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/ledger/problems.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mcbatch::ledger {

/// A run, as it was recorded at its ends.
struct run_record {
  wall_time started_at{};
  std::optional<wall_time> ended_at; ///< none: it is running, or died
  std::string stop_reason;
  std::string summary; ///< JSON
};

/// The whole ledger at a glance.
struct survey {
  std::vector<std::string> manifests; ///< in the order in which they were first read
  state_counts jobs;
  std::vector<cost_line> costs;
  problem_groups problems;
  std::vector<run_record> runs; ///< in the order of their beginning
};

} // namespace mcbatch::ledger

#endif
