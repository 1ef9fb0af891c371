#ifndef MCBATCH_CLI_SUBMIT_RUN_HPP
#define MCBATCH_CLI_SUBMIT_RUN_HPP

#include "cli/exit_code.hpp"
#include "cli/listen_options.hpp"
#include "cli/log.hpp"
#include "cli/options.hpp"
#include "cli/progress_option.hpp"
#include "cli/service_options.hpp"

#include <mcbatch/submit/scheduler.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace mcbatch::cli {

/// What the command line of `mcbatch submit` says.
struct submit_options {
  manifest_options manifests;
  std::optional<std::string> ledger;
  duration lock_wait{};
  bool strict = false;
  quota_options quota;
  unsigned share_percent = 100;
  submit::scheduler_settings scheduling;
  std::optional<duration> max_duration;
  duration drain = std::chrono::seconds(30);
  service_options service;
  progress_kind progress = progress_kind::automatic;
  bool json_summary = false;
  std::optional<std::string> summary_file;
  std::optional<std::string> metrics_file;
  std::optional<std::uint64_t> seed;
  bool track = false;
  std::optional<std::string> webhook_url;
  listen_options listening;
  log_options logging;
};

/// Runs `mcbatch submit`. What ends it before anything is sent is thrown as `exit_with`.
exit_code run_submit(const submit_options& wanted, const net::environment& environment);

} // namespace mcbatch::cli

#endif
