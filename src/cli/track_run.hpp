#ifndef MCBATCH_CLI_TRACK_RUN_HPP
#define MCBATCH_CLI_TRACK_RUN_HPP

#include "cli/exit_code.hpp"
#include "cli/listen_options.hpp"
#include "cli/log.hpp"
#include "cli/options.hpp"
#include "cli/progress_option.hpp"
#include "cli/service_options.hpp"

#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/track/tracker.hpp>

#include <optional>
#include <string>

namespace mcbatch::cli {

/// What the command line of `mcbatch track` says.
struct track_options {
  std::string ledger;
  duration lock_wait{};
  quota_options quota;
  unsigned share_percent = 100;
  duration max_backoff = std::chrono::minutes(65);
  duration max_outage = std::chrono::hours(1);
  std::optional<duration> max_duration;
  duration drain = std::chrono::seconds(30);
  service_options service;
  progress_kind progress = progress_kind::automatic;
  bool json_summary = false;
  std::optional<std::string> summary_file;
  std::optional<std::string> metrics_file;
  listen_options listening;
  log_options logging;
};

/// What following conversions means for a run's exit code, where nothing else went wrong: attention where some failed,
/// were cancelled, or could not be followed.
exit_code exit_code_of(const ledger::conversion_counts& counts, const track::tracker& tracker);

/// Runs `mcbatch track`. What ends it before anything is asked is thrown as `exit_with`.
exit_code run_track(const track_options& o, const net::environment& environment);

} // namespace mcbatch::cli

#endif
