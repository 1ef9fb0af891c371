#ifndef MCBATCH_CLI_ADD_OPTION_HPP
#define MCBATCH_CLI_ADD_OPTION_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mcbatch::cli {

/// What an option's text says, or a usage error that says why it says nothing.
template <class T>
T value_or_usage(const std::string& option, result<T> r) {
  if (!r) throw CLI::ValidationError(option, r.error().what);
  return std::move(*r);
}

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

} // namespace mcbatch::cli

#endif
