#include "cli/command.hpp"

#include <mcbatch/core/printable.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <sys/prctl.h>
#include <sys/resource.h>

namespace {

using namespace mcbatch::cli;

/// Where a token was given in place of something else, of the name of its variable or file say, the sentence about that
/// quotes it.
std::string without_tokens(std::string text) {
  constexpr std::size_t least = 12; // a file may well be named mc_live_token
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  for (const std::string_view prefix : {"mc_live_", "mc_test_"})
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
      at += prefix.size();
      const auto length = std::min(text.find_first_not_of(letters, at), text.size()) - at;
      if (length >= least) text.replace(at, length, "***");
    }
  return text;
}

int report(exit_code code, const std::string& sentence) {
  std::fprintf(stderr, "mcbatch: %s\n", mcbatch::printable(without_tokens(sentence)).c_str());
  return static_cast<int>(code);
}

/// A core file would hold the token and the bodies. The limit keeps one from being written; a handler that the kernel
/// pipes cores to does not heed it, but gets none of a process that is not dumpable. The second also gives /proc/PID
/// (environ, mem, fd) to root. Its price: a debugger or tracer of the same user cannot attach to a run, only start one.
void leave_no_core() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
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
  add_report(root, p);
  add_retry(root, p);
  add_reconcile(root, p);
  add_track(root, p);
  add_account(root, p);
  add_bench(root, p);
  add_sandbox(root, p);
  try {
    root.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return root.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return root.exit(version);
  } catch (const CLI::ExtrasError&) {
    return report(exit_code::usage, unexpected(root.remaining(true)) + ". See " + named(root) + " --help");
  } catch (const CLI::RequiredError& e) {
    // What stands there in place of a subcommand is not quoted: it may be a secret in the wrong place.
    const bool unknown = root.get_subcommands().empty() && !root.remaining().empty();
    const auto what = unknown ? std::string("the first argument is none of the subcommands") : e.what();
    return report(exit_code::usage, what + ". See " + named(root) + " --help");
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
  leave_no_core();
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    return report(exit_code::cannot_write, std::string("stopped by an error that it did not expect: ") + e.what() +
                                               ". What was recorded is safe; run the same command again");
  }
}
