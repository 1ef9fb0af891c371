#include "cli/command.hpp"

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/report/costs.hpp>
#include <mcbatch/report/doubt.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace mcbatch::cli {
namespace {

using json = nlohmann::ordered_json;

struct ledger_status {
  std::string path;
  bool running;
  state_counts jobs;
  std::vector<ledger::cost_line> costs; ///< of what is submitted
  std::uint64_t missing;                ///< of it: the service does not know it
  std::vector<std::string> manifests;
  std::optional<ledger::run_record> last_run;
  std::optional<ledger::wait_note> waiting; ///< what the run that holds the ledger waits for
};

/// A run that was killed, or whose wait is over, waits no more.
std::optional<ledger::wait_note> current_wait(ledger::reading& ledger) {
  auto note = value_or_exit(ledger.wait());
  if (!note || !ledger.being_written() || note->until <= submit::read_clocks().wall) return std::nullopt;
  return note;
}

ledger_status read_status(const std::string& path) {
  auto ledger = value_or_exit(ledger::reading::open(path));
  return {path,
          ledger.being_written(),
          value_or_exit(ledger.counts()),
          value_or_exit(ledger.costs()),
          value_or_exit(ledger.missing()),
          value_or_exit(ledger.manifests()),
          value_or_exit(ledger.last_run()),
          current_wait(ledger)};
}

std::string to_json(const ledger_status& s) {
  json out;
  out["ledger"] = s.path;
  out["running"] = s.running;
  out["manifest"] = s.manifests;
  for (const auto state : all_job_states)
    out["jobs"][std::string(to_string(state))] = s.jobs[state];
  out["jobs"]["total"] = s.jobs.total();
  out["estimated_cost_micros"] = report::sum_of(s.costs).estimated_micros;
  out["conversions"] = report::conversions_json(report::conversions_of(s.costs));
  out["missing"] = s.missing;
  out["cost"] = report::costs_json(s.costs);
  out["last_run"] = json();
  if (const auto& run = s.last_run)
    out["last_run"] = {{"kind", ledger::to_string(run->kind)},
                       {"started_at", format_time(run->started_at)},
                       {"ended_at", run->ended_at ? json(format_time(*run->ended_at)) : json()},
                       {"stop_reason", run->ended_at ? json(run->stop_reason) : json()}};
  out["waiting"] = json();
  if (const auto& wait = s.waiting)
    out["waiting"] = {{"for", wait->what},
                      {"window", wait->window.empty() ? json() : json(wait->window)},
                      {"until", format_time(wait->until)}};
  return printable_json(out.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string last_run_text(const ledger_status& s) {
  if (s.running && s.last_run && s.last_run->goes_on())
    return fmt::format("{} since {}", s.last_run->kind == ledger::run_kind::track ? "tracking" : "running",
                       format_time(s.last_run->started_at));
  if (s.running) return "in use since a moment ago";
  if (!s.last_run) return "no run yet";
  if (!s.last_run->ended_at)
    return fmt::format("the run that began {} was killed", format_time(s.last_run->started_at));
  return fmt::format("the last run ended {} ({})", format_time(*s.last_run->ended_at), s.last_run->stop_reason);
}

std::string wait_text(const ledger::wait_note& wait) {
  const auto now = submit::read_clocks().wall;
  const auto until = fmt::format("until {}, {} from now", report::time_of_day(wait.until, now),
                                 report::for_people(std::max<duration>(wait.until - now, duration::zero())));
  if (wait.what == "window") return fmt::format("waiting for the quota of {} {}", wait.window, until);
  if (wait.what == "pause") return fmt::format("pausing {}: the service answered 429", until);
  return fmt::format("the service does not work; resting {}", until);
}

std::string to_text(const ledger_status& s) {
  auto text =
      fmt::format("{}: {}; {}\n", printable(s.path), report::count_of(s.jobs.total(), "job", "jobs"), last_run_text(s));
  if (s.waiting) text += wait_text(*s.waiting) + "\n";
  for (const auto state : all_job_states)
    if (s.jobs[state] > 0)
      text += fmt::format("  {:<10}{:>12}\n", to_string(state), report::with_commas(s.jobs[state]));
  text += report::costs_text(s.costs);
  if (s.missing > 0)
    text += fmt::format("{} when it was asked last. Ask again:   mcbatch track {}\n",
                        report::count_of(s.missing, "of these conversions was not known to the service",
                                         "of these conversions were not known to the service"),
                        report::shell_word(s.path));
  const auto in_doubt = s.jobs[job_state::in_doubt] + (s.running ? 0 : s.jobs[job_state::sending]);
  if (in_doubt > 0) {
    if (s.running) text += "Once the run has ended: ";
    text += report::doubt_steps(in_doubt, s.path);
  }
  if (s.jobs[job_state::pending] > 0 && !s.running)
    text += "Submit what is pending: run mcbatch submit again on the manifest\n";
  return text;
}

} // namespace

void add_status(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("status", "Where a run stands, also while it is running");
  struct options {
    std::string ledger;
    bool as_json = false;
  };
  auto o = std::make_shared<options>();
  command->add_option("LEDGER", o->ledger, "The ledger of the run")->required();
  command->add_flag("--json", o->as_json, "Print one JSON object");
  command->footer("Examples:\n  mcbatch status catalog.jsonl.ledger\n  mcbatch status catalog.jsonl.ledger --json | jq "
                  ".jobs.pending");
  command->callback([o, &p] {
    const auto status = read_status(o->ledger);
    fmt::print("{}", o->as_json ? to_json(status) + "\n" : to_text(status));
    p.ended_with = exit_code::ok;
  });
}

} // namespace mcbatch::cli
