#ifndef MCBATCH_CLI_PLOT_HPP
#define MCBATCH_CLI_PLOT_HPP

#include <mcbatch/core/error.hpp>

#include <filesystem>
#include <string>

namespace mcbatch::cli {

/// Whether gnuplot can be run; if not, errc::cannot_open with what to install.
result<void> find_gnuplot();

/// Runs a script in gnuplot, and puts what it writes to standard output in the place of `path`. `folder` is for files
/// in between. errc::cannot_write where that fails.
result<void> draw(const std::string& script, const std::filesystem::path& path, const std::filesystem::path& folder);

} // namespace mcbatch::cli

#endif
