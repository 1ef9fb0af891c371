#ifndef MCBATCH_CLI_BENCH_RUN_HPP
#define MCBATCH_CLI_BENCH_RUN_HPP

#include "cli/exit_code.hpp"
#include "cli/log.hpp"
#include "cli/options.hpp"
#include "cli/service_options.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace mcbatch::cli {

/// What the command line of `mcbatch bench` says.
struct bench_options {
  manifest_options manifests;
  std::optional<std::uint64_t> jobs;
  std::optional<duration> time;
  std::optional<quota::limit> rate;
  std::size_t connections = 64;
  bool no_ledger = false;
  bool real_service = false;
  service_options service; ///< without a base URL: our own sandbox
  bool as_json = false;
  std::optional<std::string> plot;
  log_options logging;
};

/// Runs `mcbatch bench`. What ends it before anything is sent is thrown as `exit_with`.
exit_code run_bench(const bench_options& o, const net::environment& environment);

} // namespace mcbatch::cli

#endif
