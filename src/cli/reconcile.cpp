#include "cli/add_option.hpp"
#include "cli/command.hpp"
#include "cli/log.hpp"
#include "cli/options.hpp"
#include "cli/service_options.hpp"
#include "cli/service_reader.hpp"

#include <mcbatch/api/job_list.hpp>
#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/redact.hpp>
#include <mcbatch/ledger/store.hpp>
#include <mcbatch/manifest/url.hpp>
#include <mcbatch/report/doubt.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/reconcile.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace mcbatch::cli {
namespace {

using json = nlohmann::ordered_json;
using finding = submit::reconciliation::finding;
using submit::identity;

constexpr std::uint32_t most_pages = 100;             // of a list that never ends
constexpr std::uint64_t most_bytes = 8 * 1024 * 1024; // of a page: a thousand jobs with presigned URLs

struct reconcile_options {
  std::string ledger;
  service_options service;
  quota_options quota;
  log_options logging;
  duration lock_wait{};
  bool as_json = false;
};

struct account_of_doubt {
  std::vector<finding> findings; ///< one for each job that was in doubt
  std::size_t listed = 0;

  [[nodiscard]] std::uint64_t settled() const {
    return static_cast<std::uint64_t>(std::ranges::count(findings, identity::certain, &finding::what));
  }
  [[nodiscard]] std::uint64_t left() const { return findings.size() - settled(); }
};

std::vector<submit::doubtful_job> read_doubt(ledger::store& store, duration timeout) {
  std::vector<submit::doubtful_job> jobs;
  value_or_exit(store.transact([&](ledger::store& s) {
    s.for_each({{job_state::in_doubt}}, [&](const ledger::record& r) {
      jobs.push_back(submit::read_doubtful(r, timeout));
      return true;
    });
  }));
  return jobs;
}

/// When the first try was sent that the list could tell of; nothing where there is none.
std::optional<wall_time> earliest(const std::vector<submit::doubtful_job>& jobs) {
  std::optional<wall_time> first;
  for (const auto& job : jobs)
    if (job.when && (!first || job.when->from < *first)) first = job.when->from;
  return first;
}

/// The list of recent jobs, as far back as it goes or is needed. How it is paged is not documented: `?page=` is tried,
/// and that the service knows no such thing is found out by what it answers.
submit::recent_jobs list_jobs(service_reader& service, wall_time from, spdlog::logger& log) {
  submit::recent_jobs recent(from);
  for (std::uint32_t page = 1; page <= most_pages; ++page) {
    const auto call = [page](api::client& client, api::token token) { return client.jobs(std::move(token), page); };
    const auto asked = service.try_to_ask(call);
    const auto& what = asked.attempt.result;
    if (page > 1 && what.what == meaning::refused) return recent;
    if (what.what != meaning::accepted) throw service_reader::refusal(what, "the list of jobs");
    auto jobs = value_or_exit(api::parse_job_list(asked.attempt.answer->body, service.token()));
    const auto clock = submit::read_clock_offset(asked.attempt.answer->fields, asked.left, asked.ended);
    if (!recent.add(std::move(jobs), clock)) return recent;
  }
  log.warn("the service's list goes on after {} pages, {} jobs: what it shows beyond was not looked at", most_pages,
           report::with_commas(recent.jobs().size()));
  return recent;
}

outcome proof(const api::listed_job& listed) {
  outcome o;
  o.what = meaning::accepted;
  o.job_id = listed.id;
  o.job_status = listed.status;
  o.estimated_cost_micros = listed.estimated_cost_micros;
  o.message = "found in the service's list of jobs by mcbatch reconcile";
  return o;
}

/// Holds jobs in doubt against the list, and records in one transaction what is certain.
void settle(ledger::store& store, submit::reconciliation& held) {
  if (std::ranges::count(held.findings(), identity::certain, &finding::what) == 0) return;
  value_or_exit(store.transact([&](ledger::store& s) {
    s.for_each({}, [&](const ledger::record& r) {
      if (r.state != job_state::invalid) held.compare(r);
      return true;
    });
    for (const auto& f : held.findings())
      if (f.what == identity::certain) s.settle(f.job.key, proof(*f.listed));
  }));
}

account_of_doubt reconcile(const reconcile_options& o, service_setup setup, spdlog::logger& log) {
  setup.pool.max_body = most_bytes;
  ledger::store_options opening;
  opening.lock_wait = o.lock_wait;
  auto store = value_or_exit(ledger::store::open_existing(o.ledger, opening));
  account_of_doubt told;
  if (auto doubtful = read_doubt(store, o.service.timeout); !doubtful.empty()) {
    const auto from = earliest(doubtful);
    submit::recent_jobs recent(from.value_or(wall_time{}));
    if (from) {
      service_reader service(std::move(setup), o.quota, service_reader::patience::waits, log);
      recent = list_jobs(service, *from, log);
    }
    submit::reconciliation held(std::move(doubtful), recent);
    settle(store, held);
    told = {held.findings(), recent.jobs().size()};
  }
  value_or_exit(store.close());
  return told;
}

// What it has to say

std::string_view reason(identity what) {
  switch (what) {
  case identity::earlier_try:
    return "a try before the last one may have been accepted, and when that was sent is not known any more";
  case identity::urls_hidden:
    return "the service's list shows no output URLs, by which alone a job could be known";
  case identity::not_listed:
    return "the list does not show the output URL; as it is of recent jobs only, that says nothing of whether the job "
           "was accepted";
  case identity::several:
    return "the list shows more than one job with the output URL";
  case identity::time_unknown:
    return "the list does not tell when the job was created, or the service's clock cannot be compared with ours";
  case identity::other_time:
    return "the job that the list shows was not created while ours was sent (a try that a kill cut short is taken to "
           "have ended by --timeout)";
  case identity::shared_url:
    return "another job of the ledger has the same output URL";
  case identity::known_id:
    return "the job that the list shows is known as another one of the ledger";
  case identity::certain:
    break;
  }
  return "";
}

std::map<identity, std::uint64_t> count_left(const account_of_doubt& a) {
  std::map<identity, std::uint64_t> counts;
  for (const auto& f : a.findings)
    if (f.what != identity::certain) ++counts[f.what];
  return counts;
}

std::string to_json(const std::string& ledger, const account_of_doubt& a) {
  json out;
  out["ledger"] = ledger;
  out["in_doubt"] = a.findings.size();
  out["listed"] = a.listed;
  out["settled"] = a.settled();
  out["left"] = a.left();
  out["reasons"] = json::object();
  for (const auto& [what, jobs] : count_left(a))
    out["reasons"][std::string(to_string(what))] = jobs;
  out["jobs"] = json::array();
  for (const auto& f : a.findings) {
    const bool settled = f.what == identity::certain;
    out["jobs"].push_back({{"key", to_hex(f.job.key)},
                           {"output_url", redact(manifest::redact_url(f.job.output_url))},
                           {"job_id", settled ? json(f.listed->id) : json()},
                           {"reason", settled ? json() : json(to_string(f.what))}});
  }
  return printable_json(out.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string to_text(const std::string& ledger, const account_of_doubt& a) {
  if (a.findings.empty()) return "No job is in doubt.\n";
  auto text = fmt::format("{} of {} in doubt settled: found in the service's list of {}, and submitted.\n",
                          report::with_commas(a.settled()), report::count_of(a.findings.size(), "job", "jobs"),
                          report::count_of(a.listed, "job", "jobs"));
  if (a.left() == 0) return text;
  text += fmt::format("{} in doubt:\n", report::count_of(a.left(), "job stays", "jobs stay"));
  for (const auto& [what, jobs] : count_left(a))
    text += fmt::format("  {:>8}  {}\n", report::with_commas(jobs), reason(what));
  return text + report::undecided_steps(ledger);
}

} // namespace

void add_reconcile(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("reconcile", "Settle jobs in doubt that the service's list of jobs shows");
  auto o = std::make_shared<reconcile_options>();
  command->add_option("LEDGER", o->ledger, "The ledger of the run")->required();
  add_duration(*command, "--lock-wait", o->lock_wait, "How long to wait for a run that holds the ledger");
  o->service.add_to(*command);
  o->quota.add_to(*command);
  o->logging.add_to(*command);
  command->add_flag("--json", o->as_json, "Print one JSON object, with each job that was in doubt");
  command->footer(
      "Examples:\n"
      "  mcbatch reconcile catalog.jsonl.ledger\n"
      "  mcbatch reconcile catalog.jsonl.ledger --json | jq '.jobs[] | select(.reason)'\n"
      "It asks for the account's recent jobs, within the quota, and takes a job in doubt for submitted only if just "
      "one\n"
      "of them has its output URL and was created while it was being sent, and no other job of the ledger can be that "
      "one.\n"
      "A job that the list does not show stays in doubt: it may have been accepted all the same. The list may show no\n"
      "output URLs; then nothing is settled. For a run that was killed, give the --timeout that it had.");
  command->callback([o, &p] {
    console out;
    const auto log = value_or_exit(o->logging.open(out));
    const auto told = reconcile(*o, value_or_exit(o->service.set_up(p.environment)), *log);
    fmt::print("{}", o->as_json ? to_json(o->ledger, told) + "\n" : to_text(o->ledger, told));
    p.ended_with = told.left() == 0 ? exit_code::ok : exit_code::attention;
  });
}

} // namespace mcbatch::cli
