#include "cli/command.hpp"
#include "cli/own_files.hpp"

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/report/ledger_picture.hpp>
#include <mcbatch/report/metrics.hpp>
#include <mcbatch/report/page.hpp>
#include <mcbatch/report/picture.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace mcbatch::cli {
namespace {

struct report_options {
  std::string ledger, output;
  bool as_json = false;
};

std::string output_of(const report_options& o) {
  if (!o.output.empty()) return o.output;
  return o.as_json ? "-" : o.ledger + ".html";
}

void run_report(report_options o) {
  o.output = output_of(o);
  refuse_to_replace(o.output, "-o", o.ledger);
  auto ledger = value_or_exit(ledger::reading::open(o.ledger));
  const auto picture = value_or_exit(report::picture_of(ledger, o.ledger, submit::read_clocks().wall));
  const auto json = report::to_json(picture);
  const auto text = o.as_json ? json + "\n" : report::page_html(report::page_kind::report, json);
  if (o.output == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout); // whether that went well is looked at once for all
    return;
  }
  value_or_exit(report::replace_file(o.output, text));
  fmt::print(stderr, "mcbatch: wrote {}\n", o.output);
}

} // namespace

void add_report(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("report", "A page to keep: how a run went, in charts and tables");
  auto o = std::make_shared<report_options>();
  command->add_option("LEDGER", o->ledger, "The ledger of the run")->required();
  command->add_option("-o,--output", o->output, "Where to write, - for standard output; default LEDGER.html")
      ->type_name("FILE");
  command->add_flag("--json", o->as_json, "Write what the page shows as one JSON object; default to standard output");
  command->footer("Examples:\n"
                  "  mcbatch report catalog.jsonl.ledger\n"
                  "  mcbatch report catalog.jsonl.ledger -o night.html\n"
                  "  mcbatch report catalog.jsonl.ledger --json | jq '.problems[] | {kind, jobs}'\n"
                  "The page is one file that needs nothing else, offline or by mail. It holds names of manifests and "
                  "what the\n"
                  "service said of jobs, and no URLs. It can be written while a run goes on.");
  command->callback([o, &p] {
    run_report(*o);
    p.ended_with = exit_code::ok;
  });
}

} // namespace mcbatch::cli
