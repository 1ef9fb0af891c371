#include <mcbatch/report/summary.hpp>

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/report/costs.hpp>
#include <mcbatch/report/doubt.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace mcbatch::report {
namespace {

using json = nlohmann::ordered_json;

double rounded(double value, double parts) {
  return std::round(value * parts) / parts;
}
double seconds(duration d) {
  return rounded(std::chrono::duration<double>(d).count(), 1e3);
}
double millis(duration d) {
  return rounded(std::chrono::duration<double, std::milli>(d).count(), 1e3);
}

/// The jobs of a run by what became of them. They add up to `read`.
struct job_counts {
  std::uint64_t read, duplicate, skipped, submitted, rejected, in_doubt, invalid, expired, pending;
};

job_counts count_jobs(const run_summary& s) {
  const auto& read = s.stats.read();
  job_counts c{};
  c.read = read.read;
  c.duplicate = read.duplicate;
  c.skipped = read.skipped;
  c.invalid = read.invalid;
  c.submitted = s.stats.submitted();
  c.rejected = s.states[job_state::rejected];
  c.in_doubt = s.states[job_state::in_doubt] + s.states[job_state::sending];
  c.expired = s.states[job_state::expired];
  c.pending = s.states[job_state::pending];
  return c;
}

double jobs_per_second(const run_summary& s) {
  const auto elapsed = std::chrono::duration<double>(s.submission_ended - s.stats.start()).count();
  return elapsed > 0 ? rounded(static_cast<double>(s.stats.submitted()) / elapsed, 1e2) : 0;
}

json texts_of(const std::vector<quota::limit>& limits) {
  auto texts = json::array();
  for (const auto& l : limits)
    texts.push_back(quota::to_string(l));
  return texts;
}

std::string headline(const run_summary& s, const job_counts& c) {
  if (!s.problem.empty()) return printable(s.problem);
  if (c.read == 0 && s.manifests.empty()) return "There was nothing to submit: no job of the ledger is pending.";
  if (c.read == 0) return "There was nothing to submit: the manifest has no entries.";
  if (c.rejected + c.in_doubt + c.invalid + c.expired > 0) return "Finished, and some jobs need attention.";
  if (c.submitted == 0) return "Nothing was sent: every job had been submitted before.";
  return "Finished: every job is submitted.";
}

void add_count(std::string& text, std::string_view name, std::uint64_t n, std::string_view remark = {}) {
  if (n == 0) return;
  text += fmt::format("  {:<10}{:>12}  {}", name, with_commas(n), remark);
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
}

std::string next_steps(const run_summary& s, const job_counts& c) {
  std::string text;
  const bool refused = s.stop_reason == "done"; // by --strict: the same again would be, too
  if (c.pending > 0 && !refused)
    text += fmt::format("Run the same command again to submit what is pending ({}).\n", with_commas(c.pending));
  if (c.rejected > 0)
    text += fmt::format("See why jobs were rejected:   mcbatch export {0} --state rejected\n"
                        "and, once that is mended:     mcbatch retry {0} --rejected\n",
                        shell_word(s.ledger));
  if (c.in_doubt > 0) text += doubt_steps(c.in_doubt, s.ledger);
  if (c.invalid > 0)
    text +=
        fmt::format("See what is wrong in the manifest:   mcbatch export {} --state invalid\n", shell_word(s.ledger));
  if (c.expired > 0)
    text += "Jobs whose URLs have expired need a manifest with fresh ones; submit that to the same ledger.\n";
  if (text.empty() && c.submitted + c.skipped > 0)
    text = fmt::format("Next: mcbatch export {} lists each job with its id.\n", shell_word(s.ledger));
  return text;
}

} // namespace

std::string to_json(const run_summary& s) {
  const auto c = count_jobs(s);
  const auto& stats = s.stats;
  auto by_status = json::object();
  for (const auto& [status, count] : stats.by_status())
    by_status[std::to_string(status)] = count;
  json summary;
  summary["stop_reason"] = s.stop_reason;
  summary["exit_code"] = s.exit_code;
  if (!s.problem.empty()) summary["problem"] = s.problem;
  summary["manifest"] = s.manifests;
  summary["ledger"] = s.ledger;
  summary["started_at"] = format_time(s.started_at);
  summary["elapsed_s"] = seconds(s.ended - stats.start());
  summary["jobs"] = json{{"read", c.read},           {"duplicate", c.duplicate}, {"skipped", c.skipped},
                         {"submitted", c.submitted}, {"rejected", c.rejected},   {"in_doubt", c.in_doubt},
                         {"invalid", c.invalid},     {"expired", c.expired},     {"pending", c.pending}};
  summary["requests"] = json{{"sent", stats.sent_requests()},
                             {"by_status", by_status},
                             {"rate_limited", stats.rate_limited()},
                             {"failed", stats.failed()}};
  summary["quota"] = json{{"tier", s.tier},
                          {"limits", texts_of(s.limits)},
                          {"waited_s", seconds(stats.waited(s.ended))},
                          {"paused_s", seconds(stats.paused(s.ended))},
                          {"used_share", json()}};
  if (const auto share = used_share(stats.quota_use(), s.limits)) summary["quota"]["used_share"] = rounded(*share, 1e4);
  const auto& latency = stats.latency();
  summary["latency_ms"] = json{{"p50", millis(latency.percentile(0.5))},
                               {"p90", millis(latency.percentile(0.9))},
                               {"p99", millis(latency.percentile(0.99))},
                               {"max", millis(latency.max())}};
  summary["jobs_per_second"] = jobs_per_second(s);
  summary["estimated_cost_micros"] = stats.cost_micros();
  summary["credit_micros"] = s.credit_micros ? json(*s.credit_micros) : json();
  summary["conversions"] = conversions_json(conversions_of(s.costs));
  summary["cost"] = costs_json(s.costs);
  if (s.following)
    summary["following"] = json{{"requests", polls_json(s.following->polls)},
                                {"missing", s.following->missing},
                                {"events", events_json(s.following->events)}};
  // A path need not be UTF-8; JSON must be.
  return printable_json(summary.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string to_text(const run_summary& s) {
  const auto c = count_jobs(s);
  const auto& stats = s.stats;
  auto text = headline(s, c) + "\n";
  add_count(text, "submitted", c.submitted,
            s.stats.cost_micros() > 0 ? "estimated cost " + euros(stats.cost_micros()) : "");
  add_count(text, "skipped", c.skipped, "submitted by an earlier run");
  add_count(text, "duplicate", c.duplicate, "the same job again in the manifest");
  add_count(text, "rejected", c.rejected);
  add_count(text, "in doubt", c.in_doubt);
  add_count(text, "invalid", c.invalid);
  add_count(text, "expired", c.expired);
  add_count(text, "pending", c.pending);
  if (stats.sent_requests() > 0) {
    std::string limits;
    for (const auto& l : s.limits)
      limits += (limits.empty() ? "" : ", ") + quota::to_string(l);
    text += fmt::format("{} in {}, {} jobs a second; {} rate limited, {} failed\n",
                        count_of(stats.sent_requests(), "request", "requests"),
                        for_people(s.submission_ended - stats.start()), jobs_per_second(s),
                        with_commas(stats.rate_limited()), with_commas(stats.failed()));
    const auto share = used_share(stats.quota_use(), s.limits);
    text += fmt::format("quota {}{}: waited {} for it, paused {} for 429s{}\n", limits,
                        s.limits_are_the_tiers ? " (tier " + s.tier + ")" : "", for_people(stats.waited(s.ended)),
                        for_people(stats.paused(s.ended)),
                        share ? fmt::format("; {:.1f} % of it was used while work was waiting", *share * 100) : "");
    const auto& latency = stats.latency();
    if (latency.count() > 0)
      text += fmt::format("answers took {} (median), {} (99 %), {} at most\n", for_people(latency.percentile(0.5)),
                          for_people(latency.percentile(0.99)), for_people(latency.max()));
  }
  if (s.following)
    if (const auto words = following_text(*s.following); !words.empty()) text += words + "\n";
  if (conversions_of(s.costs).ended() > 0) text += "the ledger's conversions:\n" + costs_text(s.costs);
  return text + next_steps(s, c);
}

} // namespace mcbatch::report
