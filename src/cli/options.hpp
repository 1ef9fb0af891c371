#ifndef MCBATCH_CLI_OPTIONS_HPP
#define MCBATCH_CLI_OPTIONS_HPP

#include "cli/cli11.hpp"

#include <mcbatch/manifest/reader.hpp>
#include <mcbatch/quota/limit.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mcbatch::cli {

/// --tier and --limit: which quota holds.
struct quota_options {
  std::optional<quota::tier> tier; ///< nothing: auto
  std::vector<quota::limit> limits;

  void add_to(CLI::App& command);
};

/// How manifests are read: MANIFEST..., --format, --key, --default.
struct manifest_options {
  std::vector<std::string> paths;
  manifest::options reading;

  /// `required`: at least one manifest must be named.
  void add_to(CLI::App& command, bool required);
};

} // namespace mcbatch::cli

#endif
