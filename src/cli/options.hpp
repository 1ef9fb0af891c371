#ifndef MCBATCH_CLI_OPTIONS_HPP
#define MCBATCH_CLI_OPTIONS_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/manifest/reader.hpp>
#include <mcbatch/quota/limit.hpp>

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mcbatch::cli {

/// An option that takes a duration ("90s", "1h30m").
CLI::Option* add_duration(CLI::App& command, const std::string& name, duration& target, const std::string& help);
CLI::Option* add_duration(CLI::App& command, const std::string& name, std::optional<duration>& target,
                          const std::string& help);

/// An option that takes one of the words in `names`, and keeps the value behind it.
template <class Enum>
CLI::Option* add_choice(CLI::App& command, const std::string& name, Enum& target,
                        const std::vector<std::pair<std::string, Enum>>& names, const std::string& help) {
  std::vector<std::string> words;
  for (const auto& [word, value] : names)
    words.push_back(word);
  auto* option = command.add_option_function<std::string>(
      name,
      [names, &target](const std::string& chosen) {
        for (const auto& [word, value] : names)
          if (word == chosen) target = value;
      },
      help);
  return option->check(CLI::IsMember(words).description(""))->type_name(CLI::detail::join(words, "|"));
}

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
