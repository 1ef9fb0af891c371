#include "cli/options.hpp"

#include "cli/add_option.hpp"

namespace mcbatch::cli {

void quota_options::add_to(CLI::App& command) {
  using choice = std::optional<quota::tier>;
  add_choice<choice>(command, "--tier", tier,
                     {{"auto", std::nullopt},
                      {"free", quota::tier::free},
                      {"basic", quota::tier::basic},
                      {"pro", quota::tier::pro},
                      {"enterprise", quota::tier::enterprise}},
                     "The account's tier; auto starts as free and goes by what the answers show")
      ->default_str("auto");
  const auto add = [this](const std::string& text) {
    limits.push_back(value_or_usage("--limit", quota::parse_limit(text)));
  };
  // Without the last call, an option that may be repeated would swallow the manifests behind it.
  command.add_option_function<std::string>("--limit", add, "A limit in place of the tier's, like 200/60s; repeatable")
      ->type_name("N/DURATION")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse()
      ->allow_extra_args(false);
}

void manifest_options::add_to(CLI::App& command, bool required) {
  auto* manifests =
      command.add_option("MANIFEST", paths, "Manifests: JSON Lines, a JSON array, or CSV; - is standard input");
  if (required) manifests->required();
  add_choice<manifest::format>(command, "--format", reading.format,
                               {{"auto", manifest::format::automatic},
                                {"jsonl", manifest::format::jsonl},
                                {"json", manifest::format::json},
                                {"csv", manifest::format::csv}},
                               "What the manifests are written in; auto goes by content")
      ->default_str("auto");
  command.add_option("--key", reading.key_field, "The field that identifies a job, in place of the whole entry")
      ->type_name("FIELD");
  const auto add = [this](const std::string& text) {
    reading.defaults.push_back(value_or_usage("--default", manifest::parse_default(text)));
  };
  command
      .add_option_function<std::string>("--default", add,
                                        "Fills a field that an entry lacks: with a string, or FIELD:=JSON; repeatable")
      ->type_name("FIELD=VALUE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse()
      ->allow_extra_args(false);
}

} // namespace mcbatch::cli
