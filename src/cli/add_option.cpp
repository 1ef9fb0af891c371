#include "cli/add_option.hpp"

#include <mcbatch/core/text.hpp>

namespace mcbatch::cli {

CLI::Option* add_duration(CLI::App& command, const std::string& name, duration& target, const std::string& help) {
  const auto set = [name, &target](const std::string& text) { target = value_or_usage(name, parse_duration(text)); };
  return command.add_option_function<std::string>(name, set, help)
      ->type_name("DURATION")
      ->default_str(format_duration(target));
}

CLI::Option* add_duration(CLI::App& command, const std::string& name, std::optional<duration>& target,
                          const std::string& help) {
  const auto set = [name, &target](const std::string& text) { target = value_or_usage(name, parse_duration(text)); };
  return command.add_option_function<std::string>(name, set, help)->type_name("DURATION");
}

} // namespace mcbatch::cli
