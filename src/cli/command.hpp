#ifndef MCBATCH_CLI_COMMAND_HPP
#define MCBATCH_CLI_COMMAND_HPP

#include "cli/cli11.hpp"
#include "cli/exit_code.hpp"

#include <mcbatch/net/environment.hpp>

namespace mcbatch::cli {

/// What the top level gives every command.
struct program {
  net::environment environment;
  exit_code ended_with = exit_code::ok; ///< set by the command that ran
};

// Each adds its subcommand to `root`; parsing then runs the one that was named.
void add_submit(CLI::App& root, program& p);
void add_check(CLI::App& root, program& p);
void add_status(CLI::App& root, program& p);
void add_export(CLI::App& root, program& p);
void add_report(CLI::App& root, program& p);
void add_retry(CLI::App& root, program& p);
void add_reconcile(CLI::App& root, program& p);
void add_track(CLI::App& root, program& p);
void add_account(CLI::App& root, program& p);
void add_bench(CLI::App& root, program& p);
void add_sandbox(CLI::App& root, program& p);

} // namespace mcbatch::cli

#endif
