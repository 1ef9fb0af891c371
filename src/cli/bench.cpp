#include "cli/add_option.hpp"
#include "cli/bench_run.hpp"
#include "cli/command.hpp"

#include <mcbatch/core/text.hpp>

namespace mcbatch::cli {
namespace {

quota::limit parse_rate(const std::string& text) {
  const auto rate = quota::parse_limit(text);
  if (!rate) throw CLI::ValidationError("--rate", "'" + text + "' is no rate: write it as COUNT/DURATION, like 500/1s");
  return *rate;
}

std::string is_positive_count(const std::string& text) {
  return parse_integer<std::uint64_t>(text).value_or(0) > 0 ? "" : "'" + text + "' is no count above zero";
}

void add_load(CLI::App& command, bench_options& o) {
  command.add_option("--jobs", o.jobs, "So many jobs; without this and --duration: the manifests, else 10s")
      ->check(is_positive_count)
      ->type_name("N");
  add_duration(command, "--duration", o.time, "For so long, from the first departure");
  command
      .add_option_function<std::string>(
          "--rate", [&o](const std::string& text) { o.rate = parse_rate(text); },
          "Open loop: so many in each such time, evenly spread, and latency counts from when a request was due. "
          "Without it the loop is closed: the next leaves when one is answered")
      ->type_name("N/DURATION");
  command
      .add_option("--connections", o.connections,
                  "Requests in flight at once, at most, each on a connection of its own")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->type_name("N");
  command.add_flag("--no-ledger", o.no_ledger, "Measure the requests alone, without ledger, quota and all of submit");
}

void add_service(CLI::App& command, bench_options& o) {
  o.service.add_to(command);
  auto* url = command.get_option("--base-url");
  url->description("A server of yours, in place of a sandbox that is started and ended with this");
  for (const auto* name : {"--env", "--token-env", "--token-file", "--ca-file"})
    command.get_option(name)->needs(url);
  command
      .add_flag("--real-service", o.real_service,
                "Let --base-url be mediaconvert.io: it spends the account's quota and credit, as fast as it can or at "
                "--rate")
      ->needs(url);
}

} // namespace

void add_bench(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("bench", "How fast submission goes, against the sandbox or a server of yours");
  auto o = std::make_shared<bench_options>();
  o->manifests.add_to(*command, false);
  command->get_option("MANIFEST")->description("Jobs to send; none: they are generated");
  add_load(*command, *o);
  add_service(*command, *o);
  command->add_flag("--json", o->as_json, "Print one JSON object, with all slices of time");
  command->add_option("--plot", o->plot, "Draw throughput and latency over time into FILE.svg or FILE.png, by gnuplot")
      ->type_name("FILE");
  o->logging.add_to(*command);
  command->footer(
      "Measured from the first departure to the last recorded outcome, beside the reading of the manifest and its\n"
      "import into the ledger, as in submit; import_s tells when that was done. Latency: from when a job leaves the\n"
      "queue, or by --rate was due, to its answer, so the commit of its intent is part of it. Processor time: of this\n"
      "process and not of the sandbox, which shares the machine. Bytes: HTTP messages, within TLS.\n"
      "The ledger is made in a temporary folder: TMPDIR chooses the disk. Exit code 0: every request was accepted; 1:\n"
      "some were not; 75: ended early by a signal, and told as far as it came.\n"
      "Examples:\n"
      "  mcbatch bench\n"
      "  mcbatch bench --jobs 20000 --connections 16 --json | jq .jobs_per_second\n"
      "  mcbatch bench --rate 500/1s --duration 1m --plot bench.svg\n"
      "  mcbatch bench --no-ledger --duration 30s\n"
      "  TMPDIR=/mnt/disk mcbatch bench catalog.jsonl --base-url https://127.0.0.1:8443/api/v1 "
      "--ca-file mcbatch-sandbox/ca.pem");
  command->callback([o, &p] { p.ended_with = run_bench(*o, p.environment); });
}

} // namespace mcbatch::cli
