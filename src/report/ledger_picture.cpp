#include <mcbatch/report/ledger_picture.hpp>

#include <mcbatch/core/text.hpp>
#include <mcbatch/report/costs.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

namespace mcbatch::report {
namespace {

using json = nlohmann::json;

constexpr std::size_t most_groups = 20; // of each kind
constexpr std::size_t most_places = 3;

/// The limits in a summary; none where it has none, or is no summary.
known_quota quota_in(const std::string& summary) {
  known_quota known;
  const auto all = json::parse(summary, nullptr, false);
  if (!all.is_object() || !all.contains("quota") || !all["quota"].is_object()) return known;
  const auto& quota = all["quota"];
  std::vector<quota::limit> rules;
  if (const auto texts = quota.find("limits"); texts != quota.end() && texts->is_array())
    for (const auto& text : *texts)
      if (const auto rule = text.is_string() ? quota::parse_limit(text.get<std::string>()) : failure{}; rule)
        rules.push_back(*rule);
  for (const auto& rule : rules)
    known.limits.push_back({rule, std::nullopt});
  const auto name = quota.value("tier", json());
  const auto tier = name.is_string() ? quota::tier_from_string(name.get<std::string>()) : std::nullopt;
  if (tier && quota::limits_of(*tier) == rules) known.tier = quota::to_string(*tier);
  return known;
}

std::optional<try_end> end_of(const ledger::try_record& t) {
  switch (t.state) {
  case job_state::sending:
  case job_state::invalid:
    return std::nullopt;
  case job_state::submitted:
    return try_end::accepted;
  case job_state::rejected:
    return try_end::rejected;
  case job_state::in_doubt:
    return try_end::in_doubt;
  case job_state::pending:
  case job_state::expired:
    return t.http_status == 429 ? try_end::rate_limited : try_end::put_back;
  }
  return std::nullopt;
}

/// What is told without the end of the wait, which the page writes in its reader's time zone.
std::string sentence_of(const ledger::wait_note& note) {
  if (note.what == "window") return "waiting for the quota of " + note.window;
  if (note.what == "pause") return "pausing: the service answered 429";
  return "the service does not work; resting";
}

std::optional<waiting_for> current_wait(const std::optional<ledger::wait_note>& note, wall_time now) {
  if (!note || note->until <= now) return std::nullopt; // a run that was killed waits no more
  return waiting_for{sentence_of(*note), note->until};
}

/// Takes one value after the other, until one cannot be had.
struct taker {
  std::optional<failure> failed{};

  template <class T>
  bool operator()(T& target, result<T> value) {
    if (value)
      target = std::move(*value);
    else
      failed = value.error();
    return value.has_value();
  }
};

/// From the first run until now, unless a clock that was wrong says when that run began: a machine without one of its
/// own begins in 1970, and the program is younger than this.
time_span span_of(const std::vector<ledger::run_record>& runs, wall_time now) {
  constexpr wall_time oldest{std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)};
  constexpr auto slack = std::chrono::minutes(1); // for clocks that are corrected
  auto from = now;
  for (const auto& run : runs)
    from = std::min(from, run.started_at);
  return {from >= oldest && from < now ? from - slack : oldest, now + slack};
}

/// Of whoever holds the ledger. A command that is no run may, and a run that has just begun is not on record yet.
activity activity_of(const std::vector<ledger::run_record>& runs) {
  if (runs.empty() || !runs.back().goes_on()) return activity::nothing;
  return runs.back().kind == ledger::run_kind::track ? activity::tracking : activity::submitting;
}

result<void> read_history(picture& p, ledger::reading& ledger) {
  std::vector<duration> windows;
  std::ranges::transform(p.limits, std::back_inserter(windows), [](const limit_use& l) { return l.rule.window; });
  history past(windows);
  const auto span = span_of(p.runs, p.generated_at);
  std::uint64_t left_out = 0;
  const auto read = ledger.visit_tries([&](const ledger::try_record& t) {
    if (!add_try(past, t, span)) ++left_out;
  });
  if (!read) return read.error();
  p.requests = past.requests(p.limits);
  p.requests.left_out = left_out;
  p.latency = past.latency();
  p.ended_conversions = past.ended_conversions();
  return {};
}

result<void> read_into(picture& p, ledger::reading& ledger) {
  std::optional<ledger::wait_note> note;
  taker take;
  const bool whole = take(p.manifests, ledger.manifests()) && take(p.jobs, ledger.counts()) &&
                     take(p.costs, ledger.costs()) && take(p.missing, ledger.missing()) &&
                     take(p.runs, ledger.runs()) && take(note, ledger.wait()) &&
                     take(p.problems, ledger.problems(most_groups, most_places));
  if (!whole) return *take.failed;
  p.conversions = conversions_of(p.costs);
  auto quota = quota_of(p.runs);
  p.limits = std::move(quota.limits);
  p.tier = std::move(quota.tier);
  if (auto read = read_history(p, ledger); !read) return read;
  if (!p.running) return {};
  p.waiting = current_wait(note, p.generated_at);
  p.doing = activity_of(p.runs);
  drop_what_is_being_sent(p.problems);
  return {};
}

} // namespace

void drop_what_is_being_sent(ledger::problem_groups& problems) {
  std::erase_if(problems.groups, [](const auto& g) { return g.kind == ledger::problem_kind::sending; });
  std::erase_if(problems.others, [](const auto& r) { return r.kind == ledger::problem_kind::sending; });
}

known_quota quota_of(const std::vector<ledger::run_record>& runs) {
  for (const auto& run : std::views::reverse(runs))
    if (auto known = quota_in(run.summary); !known.limits.empty()) return known;
  return {};
}

bool add_try(history& h, const ledger::try_record& t, time_span span) {
  if (t.ended_at) h.ended(std::clamp(*t.ended_at, span.from, span.to), t.conversion);
  if (!span.holds(t.sent_at) || (t.answered_at && !span.holds(*t.answered_at))) return false;
  h.sent(t.sent_at);
  const auto how = end_of(t);
  // A job that was settled by proof has the time of its sending there.
  const bool timed = t.answered_at && t.http_status != 0 && *t.answered_at > t.sent_at;
  if (how && t.answered_at)
    h.answered(*t.answered_at, *how, timed ? std::optional<duration>(*t.answered_at - t.sent_at) : std::nullopt);
  return true;
}

result<picture> picture_of(ledger::reading& ledger, const std::string& path, wall_time now) {
  picture p;
  p.ledger = path;
  p.generated_at = now;
  p.running = ledger.being_written();
  const auto read = ledger.at_one_moment([&] { return read_into(p, ledger); });
  if (!read) return read.error();
  return p;
}

} // namespace mcbatch::report
