#ifndef MCBATCH_LEDGER_SURVEY_HPP
#define MCBATCH_LEDGER_SURVEY_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/ledger/problems.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::ledger {

/// What a run is for: to submit jobs, and perhaps to follow their conversions, or to do the latter alone.
enum class run_kind { submit, track };

/// "submit", "track".
std::string_view to_string(run_kind kind) noexcept;

/// A run, as it was recorded at its ends.
struct run_record {
  wall_time started_at{};
  std::optional<wall_time> ended_at; ///< none: it is running, or died
  std::string stop_reason;           ///< "killed" where it is known to have died
  std::string summary;               ///< JSON
  run_kind kind = run_kind::submit;

  /// Whether it is the one that holds the ledger, given that one does.
  [[nodiscard]] bool goes_on() const { return !ended_at && stop_reason.empty(); }
};

/// The whole ledger at a glance.
struct survey {
  std::vector<std::string> manifests; ///< in the order in which they were first read
  state_counts jobs;
  std::vector<cost_line> costs;
  std::uint64_t missing = 0; ///< submitted jobs that the service does not know
  problem_groups problems;
  std::vector<run_record> runs; ///< in the order of their beginning
};

} // namespace mcbatch::ledger

#endif
