#ifndef MCBATCH_CLI_LOG_HPP
#define MCBATCH_CLI_LOG_HPP

#include "cli/cli11.hpp"
#include "cli/console.hpp"

#include <mcbatch/core/error.hpp>

#include <spdlog/logger.h>

#include <memory>
#include <optional>
#include <string>

namespace mcbatch::cli {

/// --log-level, --log-format, --log-file: what a run tells while it goes on.
struct log_options {
  spdlog::level::level_enum level = spdlog::level::info;
  bool json = false;
  std::optional<std::string> file;

  void add_to(CLI::App& command);

  /// A logger that writes to the file, else to `console`, which must outlive it. errc::bad_setting where the file
  /// cannot be opened.
  [[nodiscard]] result<std::shared_ptr<spdlog::logger>> open(console& console) const;
};

} // namespace mcbatch::cli

#endif
