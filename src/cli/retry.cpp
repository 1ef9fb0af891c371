#include "cli/add_option.hpp"
#include "cli/command.hpp"

#include <mcbatch/ledger/store.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>

namespace mcbatch::cli {
namespace {

struct retry_options {
  std::string ledger;
  ledger::retry_selection selection;
  std::vector<std::string> keys;
  duration lock_wait{};
};

void run_retry(const retry_options& o) {
  auto selection = o.selection;
  for (const auto& text : o.keys) {
    const auto key = job_key_from_hex(text);
    if (!key) throw exit_with{exit_code::usage, "'" + text + "' is no key of a job: take it from mcbatch export"};
    selection.keys.push_back(*key);
  }
  if (!selection.rejected && !selection.in_doubt && !selection.expired) {
    if (selection.keys.empty())
      throw exit_with{exit_code::usage, "nothing is selected: say --rejected, --in-doubt, --expired or --key"};
    selection.rejected = selection.in_doubt = selection.expired = true; // whatever the named jobs are
  }
  ledger::store_options options;
  options.lock_wait = o.lock_wait;
  auto store = value_or_exit(ledger::store::open_existing(o.ledger, options));
  ledger::retry_counts counts;
  value_or_exit(store.transact([&](ledger::store& s) { counts = s.retry(selection); }));
  value_or_exit(store.close());
  const auto all = counts.rejected + counts.in_doubt + counts.expired;
  fmt::print("{} put back to pending: {} rejected, {} in doubt, {} expired\n", all, counts.rejected, counts.in_doubt,
             counts.expired);
  if (all > 0) fmt::print("Submit what is pending:  mcbatch submit --ledger {}\n", report::shell_word(o.ledger));
}

} // namespace

void add_retry(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("retry", "Put refused, expired or in-doubt jobs back to pending");
  auto o = std::make_shared<retry_options>();
  command->add_option("LEDGER", o->ledger, "The ledger of the run")->required();
  command->add_flag("--rejected", o->selection.rejected, "Jobs that the service refused");
  command->add_flag("--in-doubt", o->selection.in_doubt,
                    "Jobs that may have been accepted; some may then be converted twice");
  command->add_flag("--expired", o->selection.expired, "Jobs whose URLs had expired");
  command->add_option("--key", o->keys, "Only the job with this key; repeatable")
      ->allow_extra_args(false)
      ->type_name("K");
  add_duration(*command, "--lock-wait", o->lock_wait, "How long to wait for a run that holds the ledger");
  command->footer("Examples:\n"
                  "  mcbatch retry catalog.jsonl.ledger --rejected\n"
                  "  mcbatch retry catalog.jsonl.ledger --in-doubt --key 0123456789abcdef0123456789abcdef\n"
                  "Then submit again: mcbatch submit --ledger catalog.jsonl.ledger\n"
                  "Before --in-doubt, mcbatch reconcile settles the jobs that the service's list shows.");
  command->callback([o, &p] {
    run_retry(*o);
    p.ended_with = exit_code::ok;
  });
}

} // namespace mcbatch::cli
