#include <mcbatch/report/picture.hpp>

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/redact.hpp>
#include <mcbatch/report/advice.hpp>
#include <mcbatch/report/costs.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <string_view>

namespace mcbatch::report {
namespace {

using json = nlohmann::ordered_json;

// What keeps the JSON small, whatever a ledger holds.
constexpr std::size_t most_manifests = 50;
constexpr std::size_t most_cost_lines = 100;
constexpr std::size_t most_runs = 100;
// In bytes:
constexpr std::size_t longest_text = 300;
constexpr std::size_t longest_word = 120;
constexpr std::size_t longest_path = 200;

double seconds(duration d) {
  return std::round(std::chrono::duration<double>(d).count() * 1e3) / 1e3;
}

double unix_time(wall_time t) {
  return seconds(t.time_since_epoch());
}

double millis(duration d) {
  return std::round(std::chrono::duration<double, std::milli>(d).count() * 1e3) / 1e3;
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json time_or_null(const std::optional<wall_time>& t) {
  return t ? json(unix_time(*t)) : json();
}

/// The first characters of a text, of so many bytes at most.
std::string beginning(std::string_view text, std::size_t bytes) {
  std::string begin;
  while (!text.empty()) {
    const auto next = take_character(text);
    if (begin.size() + next.bytes.size() > bytes) return begin + "…";
    begin += next.bytes;
  }
  return begin;
}

/// Of a path its end says most.
std::string shown_path(std::string_view path) {
  const auto whole = redact(path);
  if (whole.size() <= longest_path) return whole;
  auto end = std::string_view(whole).substr(whole.size() - longest_path);
  while (!end.empty() && (static_cast<unsigned char>(end.front()) & 0xc0U) == 0x80U) // not within a character
    end.remove_prefix(1);
  return "…" + std::string(end);
}

std::string shown_word(std::string_view word) {
  return beginning(redact(word), longest_word);
}

json word_or_null(std::string_view word) {
  return word.empty() ? json() : json(shown_word(word));
}

json text_or_null(std::string_view text) {
  return text.empty() ? json() : json(beginning(redact(text), longest_text));
}

/// The last `most` of `all`.
template <class T>
std::span<const T> last(const std::vector<T>& all, std::size_t most) {
  return std::span(all).last(std::min(most, all.size()));
}

// Where it stands

json manifests_json(const picture& p) {
  auto names = json::array();
  for (const auto& name : std::span(p.manifests).first(std::min(p.manifests.size(), most_manifests)))
    names.push_back(shown_path(name));
  return names;
}

json activity_json(activity a) {
  if (a == activity::submitting) return "submitting";
  if (a == activity::tracking) return "tracking";
  return {};
}

/// Jobs until none is left to be sent, and then their conversions, if any is followed.
json progress_json(const picture& p) {
  const auto left = p.jobs[job_state::pending] + p.jobs[job_state::sending];
  const auto all = p.jobs.total();
  const auto submitted = p.jobs[job_state::submitted];
  const bool followed = p.conversions[conversion_state::pending] < submitted || p.doing == activity::tracking;
  if (p.doing == activity::tracking || (left == 0 && followed && p.doing != activity::submitting))
    return {
        {"of", "conversions"}, {"done", p.conversions.ended()}, {"all", submitted - std::min(submitted, p.missing)}};
  return {{"of", "jobs"}, {"done", all - left}, {"all", all}};
}

json jobs_json(const state_counts& jobs) {
  json all;
  for (const auto state : all_job_states)
    all[std::string(to_string(state))] = jobs[state];
  all["total"] = jobs.total();
  return all;
}

/// The lines of most jobs, in the order that they had.
std::vector<ledger::cost_line> largest(const std::vector<ledger::cost_line>& lines, std::size_t most) {
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return lines[i].jobs; });
  order.resize(std::min(order.size(), most));
  std::ranges::sort(order);
  std::vector<ledger::cost_line> kept;
  for (const auto i : order)
    kept.push_back(lines[i]);
  return kept;
}

/// The sums are those of all lines.
json bounded_costs_json(const std::vector<ledger::cost_line>& lines) {
  const auto sums = sum_of(lines);
  auto listed = largest(lines, most_cost_lines);
  for (auto& l : listed)
    l.job_type = shown_word(l.job_type);
  return {{"estimated_micros", sums.estimated_micros},
          {"final_micros", sums.final_micros},
          {"final_jobs", sums.final_jobs},
          {"more_lines", lines.size() - listed.size()},
          {"by", costs_json(listed)["by"]}};
}

// Over time

json limits_json(const std::vector<limit_use>& limits) {
  auto all = json::array();
  for (const auto& l : limits)
    all.push_back({{"limit", quota::to_string(l.rule)},
                   {"requests", l.rule.requests},
                   {"window_s", seconds(l.rule.window)},
                   {"used_now", or_null(l.used_now)}});
  return all;
}

json latency_json(const std::optional<latency_figures>& l) {
  if (!l) return {};
  return {{"p50", millis(l->p50)}, {"p90", millis(l->p90)}, {"p99", millis(l->p99)}, {"max", millis(l->max)}};
}

json begins_json(wall_time start, duration slice, std::size_t slices) {
  auto begins = json::array();
  for (std::size_t i = 0; i < slices; ++i)
    begins.push_back(
        std::chrono::floor<std::chrono::seconds>(start.time_since_epoch() + static_cast<std::int64_t>(i) * slice)
            .count());
  return begins;
}

json percentile_json(const request_series& s, duration latency_figures::*which) {
  auto column = json::array();
  for (const auto& l : s.latency)
    column.push_back(l ? json(millis((*l).*which)) : json());
  return column;
}

json requests_json(const request_series& s) {
  return {{"slice_s", seconds(s.slice)},
          {"t", begins_json(s.start, s.slice, s.sent.size())},
          {"sent", s.sent},
          {"accepted", s.accepted},
          {"rejected", s.rejected},
          {"in_doubt", s.in_doubt},
          {"rate_limited", s.rate_limited},
          {"put_back", s.put_back},
          {"told", s.told},
          {"p50_ms", percentile_json(s, &latency_figures::p50)},
          {"p90_ms", percentile_json(s, &latency_figures::p90)},
          {"p99_ms", percentile_json(s, &latency_figures::p99)},
          {"windows", s.windows},
          {"left_out", s.left_out}};
}

json ended_json(const conversion_series& s) {
  return {{"slice_s", seconds(s.slice)},
          {"t", begins_json(s.start, s.slice, s.completed.size())},
          {"completed", s.completed},
          {"failed", s.failed},
          {"cancelled", s.cancelled}};
}

// Problems

json advice_json(ledger::problem_kind kind, const std::string& ledger) {
  auto steps = json::array();
  for (const auto& s : advice(kind, ledger))
    steps.push_back({{"what", s.what}, {"command", s.command.empty() ? json() : json(s.command)}});
  return steps;
}

json group_json(const ledger::problem_group& g) {
  auto first = json::array();
  for (const auto& place : g.first)
    first.push_back({{"key", place.key ? json(to_hex(*place.key)) : json()},
                     {"manifest", shown_path(place.manifest)},
                     {"line", place.line},
                     {"job_id", word_or_null(place.job_id)}});
  return {{"http_status", g.http_status != 0 ? json(g.http_status) : json()},
          {"error", word_or_null(g.error)},
          {"message", text_or_null(g.message)},
          {"jobs", g.jobs},
          {"first", first}};
}

json problem_json(ledger::problem_kind kind, const std::string& ledger) {
  return {{"kind", ledger::to_string(kind)}, {"jobs", 0},        {"advice", advice_json(kind, ledger)},
          {"groups", json::array()},         {"more_groups", 0}, {"more_jobs", 0}};
}

json problems_json(const picture& p) {
  auto kinds = json::array();
  for (const auto& g : p.problems.groups) {
    if (kinds.empty() || kinds.back()["kind"] != ledger::to_string(g.kind))
      kinds.push_back(problem_json(g.kind, p.ledger));
    auto& kind = kinds.back();
    kind["jobs"] = kind["jobs"].get<std::uint64_t>() + g.jobs;
    kind["groups"].push_back(group_json(g));
  }
  for (const auto& rest : p.problems.others)
    for (auto& kind : kinds)
      if (kind["kind"] == ledger::to_string(rest.kind)) {
        kind["jobs"] = kind["jobs"].get<std::uint64_t>() + rest.jobs;
        kind["more_groups"] = rest.groups;
        kind["more_jobs"] = rest.jobs;
      }
  return kinds;
}

// Runs

/// A number of a run's summary, `/jobs/submitted` say.
json number_in(const json& summary, const char* where) {
  const json::json_pointer path(where);
  if (!summary.is_object() || !summary.contains(path)) return {};
  const auto& value = summary.at(path);
  return value.is_number_unsigned() ? value : json();
}

json runs_json(const picture& p) {
  auto runs = json::array();
  for (const auto& run : last(p.runs, most_runs)) {
    const auto summary = json::parse(run.summary, nullptr, false);
    runs.push_back({{"kind", ledger::to_string(run.kind)},
                    {"started_at", unix_time(run.started_at)},
                    {"ended_at", time_or_null(run.ended_at)},
                    {"stop_reason", run.ended_at ? word_or_null(run.stop_reason) : json()},
                    {"going_on", p.running && run.goes_on()},
                    {"submitted", number_in(summary, "/jobs/submitted")},
                    {"requests", number_in(summary, "/requests/sent")}});
  }
  return runs;
}

} // namespace

std::string to_json(const picture& p) {
  json all;
  all["version"] = 1;
  all["ledger"] = shown_path(p.ledger);
  all["manifests"] = manifests_json(p);
  all["more_manifests"] = p.manifests.size() - std::min(p.manifests.size(), most_manifests);
  all["generated_at"] = unix_time(p.generated_at);
  all["survey_at"] = time_or_null(p.survey_at);
  all["live"] = p.live;
  all["running"] = p.running;
  all["ended"] = p.ended;
  all["doing"] = activity_json(p.doing);
  all["progress"] = progress_json(p);
  all["eta_s"] = p.time_left ? json(seconds(*p.time_left)) : json();
  all["waiting"] = json();
  if (p.waiting) all["waiting"] = {{"for", p.waiting->sentence}, {"until", time_or_null(p.waiting->until)}};
  all["jobs"] = jobs_json(p.jobs);
  all["conversions"] = conversions_json(p.conversions);
  all["missing"] = p.missing;
  all["cost"] = bounded_costs_json(p.costs);
  all["quota"] = {{"tier", word_or_null(p.tier)}, {"limits", limits_json(p.limits)}};
  all["every_request"] = p.every_request;
  all["latency_ms"] = latency_json(p.latency);
  all["requests"] = requests_json(p.requests);
  all["ended_conversions"] = ended_json(p.ended_conversions);
  all["problems"] = problems_json(p);
  all["runs"] = runs_json(p);
  all["earlier_runs"] = p.runs.size() - std::min(p.runs.size(), most_runs);
  // A path need not be UTF-8; JSON must be.
  return printable_json(all.dump(-1, ' ', false, json::error_handler_t::replace));
}

} // namespace mcbatch::report
