#ifndef MCBATCH_CLI_PROGRESS_OPTION_HPP
#define MCBATCH_CLI_PROGRESS_OPTION_HPP

#include "cli/cli11.hpp"

namespace mcbatch::cli {

enum class progress_kind { automatic, bar, plain, none };

/// What `automatic` means here: a bar on a terminal, lines elsewhere.
progress_kind resolved(progress_kind kind);

/// --progress.
void add_progress(CLI::App& command, progress_kind& target);

} // namespace mcbatch::cli

#endif
