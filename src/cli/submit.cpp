#include "cli/submit_run.hpp"

#include "cli/add_option.hpp"
#include "cli/command.hpp"

#include <mcbatch/core/text.hpp>

#include <algorithm>

namespace mcbatch::cli {
namespace {

/// CLI11 itself takes -1 and what is too large for some other number.
std::string is_count(const std::string& text) {
  return parse_integer<std::uint64_t>(text) ? "" : "'" + text + "' is no count";
}

std::int64_t micros_of(const std::string& text) {
  const auto micros = parse_euros(text);
  if (!micros)
    throw CLI::ValidationError("'" + text + "' is no sum in euros from 0 to 1000000000, with at most six decimals");
  return *micros;
}

void add_limits(CLI::App& command, submit_options& o) {
  command
      .add_option("--max-in-flight", o.scheduling.max_in_flight,
                  "Requests in flight at once, at most; what a crash can put in doubt")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--max-attempts", o.scheduling.max_attempts,
                  "Tries of a job that the service asks to repeat while it accepts others")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--max-forbidden", o.scheduling.max_forbidden, "403s in a row that stop the run; 0 for never")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str()
      ->type_name("N");
  add_choice<bool>(command, "--on-in-doubt", o.scheduling.resubmit_in_doubt, {{"hold", false}, {"resubmit", true}},
                   "What becomes of a job that may have been accepted")
      ->default_str("hold");
  add_duration(command, "--max-backoff", o.scheduling.max_backoff, "No wait that a header asks for is longer");
  add_duration(command, "--max-outage", o.scheduling.max_outage, "Give up after this long without a working service");
  add_duration(command, "--url-margin", o.scheduling.url_margin,
               "A job whose presigned URLs end within this is not sent: the service has to fetch them");
  add_duration(command, "--max-duration", o.max_duration, "Stop early after this long; resumable");
  command.add_option("--max-jobs", o.scheduling.max_jobs, "Stop early after so many submitted jobs; resumable")
      ->check(is_count)
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--max-cost", [&o](const std::string& text) { o.scheduling.max_cost_micros = micros_of(text); },
          "Stop before the ledger's jobs cost more, by the service's own estimates and charges; resumable")
      ->type_name("EUR");
  add_duration(command, "--drain", o.drain, "How long requests in flight may take after a stop is asked for");
}

/// Where the service may send events: it takes no other address.
std::string is_webhook_url(const std::string& text) {
  const bool has_scheme = text.starts_with("https://") || text.starts_with("http://");
  const bool visible = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  return has_scheme && visible && text.size() < 2000 ? "" : "'" + text + "' is no http: or https: URL in ASCII";
}

void add_following(CLI::App& command, submit_options& o) {
  command.add_flag("--track", o.track, "Follow the conversions to their end as well, as mcbatch track does");
  command
      .add_option(
          "--webhook-url", o.webhook_url,
          "Where the service is to send its events of jobs that have no webhook_url of their own; each job's key "
          "goes into the query")
      ->check(is_webhook_url)
      ->type_name("URL");
  o.listening.add_to(command);
}

void add_reports(CLI::App& command, submit_options& o) {
  add_progress(command, o.progress);
  add_choice<bool>(command, "--summary", o.json_summary, {{"text", false}, {"json", true}},
                   "How the summary is written")
      ->default_str("text");
  command.add_option("--summary-file", o.summary_file, "Write the summary there as well")->type_name("PATH");
  command.add_option("--metrics-file", o.metrics_file, "Prometheus text, replaced every 10 s")->type_name("PATH");
  command.add_option("--seed", o.seed, "For jitter; written in the log")->check(is_count)->type_name("N");
  o.logging.add_to(command);
}

} // namespace

void add_submit(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("submit", "Submit the jobs of a manifest; run again to resume");
  auto o = std::make_shared<submit_options>();
  o->manifests.add_to(*command, false);
  command
      ->add_option("--ledger", o->ledger,
                   "Where the run is remembered; default MANIFEST.ledger beside a single manifest")
      ->type_name("PATH");
  add_duration(*command, "--lock-wait", o->lock_wait, "How long to wait for another run that holds the ledger");
  command->add_flag("--strict", o->strict, "Send nothing if any entry is invalid");
  o->quota.add_to(*command);
  command->add_option("--share", o->share_percent, "Use at most this share of every limit")
      ->check(CLI::Range(1, 100))
      ->capture_default_str()
      ->type_name("PERCENT");
  add_limits(*command, *o);
  add_following(*command, *o);
  o->service.add_to(*command);
  add_reports(*command, *o);
  command->footer("Examples:\n"
                  "  mcbatch submit catalog.jsonl\n"
                  "  mcbatch submit catalog.csv --tier pro --default webhook_url=https://example.com/hook\n"
                  "  zcat huge.jsonl.gz | mcbatch submit - --ledger huge.ledger --max-duration 6h\n"
                  "  mcbatch submit presigned.jsonl --url-margin 1h   # where the service is slow to fetch\n"
                  "  mcbatch submit --ledger catalog.jsonl.ledger     # after retry\n"
                  "  mcbatch submit catalog.jsonl --track --webhook-listen 127.0.0.1:9000 "
                  "--webhook-url https://example.com/hook\n"
                  "  mcbatch submit catalog.jsonl --page 127.0.0.1:8080\n"
                  "Running the same command again resumes; nothing is submitted twice.");
  command->callback([o, &p] { p.ended_with = run_submit(*o, p.environment); });
}

} // namespace mcbatch::cli
