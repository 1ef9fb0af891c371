#include "cli/add_option.hpp"
#include "cli/command.hpp"
#include "cli/track_run.hpp"

namespace mcbatch::cli {

void add_track(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("track", "Follow the conversions of submitted jobs to their end");
  auto o = std::make_shared<track_options>();
  command->add_option("LEDGER", o->ledger, "The ledger of the run")->required();
  add_duration(*command, "--lock-wait", o->lock_wait, "How long to wait for a run that holds the ledger");
  o->quota.add_to(*command);
  command->add_option("--share", o->share_percent, "Use at most this share of every limit")
      ->check(CLI::Range(1, 100))
      ->capture_default_str()
      ->type_name("PERCENT");
  add_duration(*command, "--max-backoff", o->max_backoff, "No wait that a header asks for is longer");
  add_duration(*command, "--max-outage", o->max_outage, "Give up after this long without a working service");
  add_duration(*command, "--max-duration", o->max_duration, "Stop early after this long; run again to go on");
  add_duration(*command, "--drain", o->drain, "How long requests in flight may take after a stop is asked for");
  o->listening.add_to(*command);
  o->service.add_to(*command);
  add_progress(*command, o->progress);
  add_choice<bool>(*command, "--summary", o->json_summary, {{"text", false}, {"json", true}},
                   "How the summary is written")
      ->default_str("text");
  command->add_option("--summary-file", o->summary_file, "Write the summary there as well")->type_name("PATH");
  command->add_option("--metrics-file", o->metrics_file, "Prometheus text, replaced every 10 s")->type_name("PATH");
  o->logging.add_to(*command);
  command->footer(
      "Examples:\n"
      "  mcbatch track catalog.jsonl.ledger\n"
      "  mcbatch track catalog.jsonl.ledger --share 20 --max-duration 6h --summary json\n"
      "  mcbatch track catalog.jsonl.ledger --webhook-listen 127.0.0.1:9000 --page 127.0.0.1:8080\n"
      "It asks the service about one job after the other, those first that have most likely ended, within "
      "the\n"
      "account's quota, and ends when all have. Where the service's events are taken (--webhook-listen), it asks only\n"
      "about jobs whose event is overdue. The exit code is 1 where a conversion failed, was cancelled "
      "or is\n"
      "not known to the service. Running it again goes on.");
  command->callback([o, &p] { p.ended_with = run_track(*o, p.environment); });
}

} // namespace mcbatch::cli
