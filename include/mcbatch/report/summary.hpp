#ifndef MCBATCH_REPORT_SUMMARY_HPP
#define MCBATCH_REPORT_SUMMARY_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/quota/limit.hpp>
#include <mcbatch/report/following.hpp>
#include <mcbatch/report/run_stats.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mcbatch::report {

/// A run at its end, or where it stands.
struct run_summary {
  std::string stop_reason; ///< "done", "signal", ...
  int exit_code = 0;
  std::vector<std::string> manifests;
  std::string ledger;
  wall_time started_at{};
  instant ended{};
  const run_stats& stats;
  state_counts states; ///< of this run's jobs, as the ledger has them at its end
  std::string tier;
  bool limits_are_the_tiers; ///< and not given in its place
  std::vector<quota::limit> limits;
  std::vector<ledger::cost_line> costs; ///< of all submitted jobs of the ledger
  std::string problem;                  ///< a sentence on why it stopped early; empty where the reason says it all
  instant submission_ended = ended;     ///< where conversions were followed for longer
  std::optional<std::int64_t> credit_micros = {};  ///< the account's, if the service told
  std::optional<report::following> following = {}; ///< of a run that followed conversions as well
};

/// The object that `--summary json` prints, in one line.
std::string to_json(const run_summary& s);

/// For people: what happened, in a few lines, and what to do next.
std::string to_text(const run_summary& s);

} // namespace mcbatch::report

#endif
