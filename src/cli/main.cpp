#include "cli/command.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include <sys/prctl.h>

namespace {

using namespace mcbatch::cli;

int report(exit_code code, const std::string& sentence) {
  std::fprintf(stderr, "mcbatch: %s\n", sentence.c_str());
  return static_cast<int>(code);
}

/// The command that was named, as it is called.
std::string named(const CLI::App& root) {
  const auto commands = root.get_subcommands();
  return commands.empty() ? "mcbatch" : "mcbatch " + commands.front()->get_name();
}

/// What was not understood, by the names of options alone: their values may be secrets.
std::string unexpected(const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments)
    if (argument.starts_with('-')) return "there is no option " + argument.substr(0, argument.find('='));
  return arguments.size() == 1 ? "there is an argument too many"
                               : "there are " + std::to_string(arguments.size()) + " arguments too many";
}

int run(int argc, char** argv) {
  CLI::App root("Submits batches of media-conversion jobs to MediaConvert.io: durably, once each, and under quota",
                "mcbatch");
  root.set_version_flag("--version", std::string("mcbatch " MCBATCH_VERSION));
  root.require_subcommand(1);
  root.footer("mcbatch COMMAND --help tells more of each.");

  program p;
  p.environment = [](std::string_view name) -> std::optional<std::string> {
    const auto* value = std::getenv(std::string(name).c_str());
    return value && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
  };
  add_submit(root, p);
  add_check(root, p);
  add_status(root, p);
  add_export(root, p);
  add_retry(root, p);
  add_reconcile(root, p);
  add_account(root, p);
  add_sandbox(root, p);
  try {
    root.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return root.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return root.exit(version);
  } catch (const CLI::ExtrasError&) {
    return report(exit_code::usage, unexpected(root.remaining(true)) + ". See " + named(root) + " --help");
  } catch (const CLI::ParseError& e) {
    return report(exit_code::usage, std::string(e.what()) + ". See " + named(root) + " --help");
  } catch (const exit_with& e) {
    return report(e.code, e.sentence);
  }
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(p.ended_with);
  const auto code = p.ended_with == exit_code::ok ? exit_code::cannot_write : p.ended_with;
  return report(code, "what it had to say could not be written to standard output");
}

} // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_DUMPABLE, 0); // a core file would hold the token
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    return report(exit_code::cannot_write, std::string("stopped by an error that it did not expect: ") + e.what() +
                                               ". What was recorded is safe; run the same command again");
  }
}
