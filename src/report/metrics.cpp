#include <mcbatch/report/metrics.hpp>

#include <mcbatch/core/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

namespace mcbatch::report {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily f;
  f.name = std::move(name);
  f.help = std::move(help);
  f.type = type;
  return f;
}

void add(MetricFamily& f, double value, std::string label = {}, std::string label_value = {}) {
  ClientMetric metric;
  if (!label.empty()) metric.label.push_back({std::move(label), std::move(label_value)});
  (f.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  f.metric.push_back(std::move(metric));
}

MetricFamily single(std::string name, std::string help, MetricType type, double value) {
  auto f = family(std::move(name), std::move(help), type);
  add(f, value);
  return f;
}

MetricFamily by_status(std::string name, std::string help, const std::map<int, std::uint64_t>& counts) {
  auto f = family(std::move(name), std::move(help), MetricType::Counter);
  for (const auto& [status, count] : counts)
    add(f, static_cast<double>(count), "status", std::to_string(status));
  return f;
}

MetricFamily latency_summary(const latency_histogram& latency) {
  auto f = family("mcbatch_answer_latency_seconds", "From a request's turn to its answer.", MetricType::Summary);
  ClientMetric metric;
  metric.summary.sample_count = latency.count();
  metric.summary.sample_sum = seconds(latency.sum());
  for (const double p : {0.5, 0.9, 0.99})
    metric.summary.quantile.push_back({p, seconds(latency.percentile(p))});
  f.metric.push_back(std::move(metric));
  return f;
}

MetricFamily bound_window(const submit::wait_state& wait, now_pair now) {
  auto f = family("mcbatch_quota_bound_until_timestamp_seconds",
                  "When the window of the quota that is waited for has room again, in Unix time.", MetricType::Gauge);
  if (wait.what == submit::waiting::window && wait.until && *wait.until > now.mono)
    add(f, seconds(submit::at_wall(*wait.until, now).time_since_epoch()), "window", format_duration(wait.window));
  return f;
}

void add_submission(std::vector<MetricFamily>& all, const run_stats& stats, now_pair now) {
  auto jobs = family("mcbatch_jobs", "Jobs of this run by what became of them.", MetricType::Gauge);
  add(jobs, static_cast<double>(stats.submitted()), "state", "submitted");
  add(jobs, static_cast<double>(stats.rejected()), "state", "rejected");
  add(jobs, static_cast<double>(stats.in_doubt()), "state", "in_doubt");
  add(jobs, static_cast<double>(stats.expired_jobs()), "state", "expired");
  add(jobs, static_cast<double>(stats.read().invalid), "state", "invalid");
  add(jobs, static_cast<double>(stats.left()), "state", "pending");
  all.push_back(std::move(jobs));
  all.push_back(single("mcbatch_manifest_entries_total", "Manifest entries read.", MetricType::Counter,
                       static_cast<double>(stats.read().read)));
  all.push_back(single("mcbatch_requests_total", "Requests for jobs that left.", MetricType::Counter,
                       static_cast<double>(stats.sent_requests())));
  all.push_back(by_status("mcbatch_answers_total", "Answers to them by HTTP status.", stats.by_status()));
  all.push_back(single("mcbatch_failed_requests_total", "Requests for jobs without a whole answer.",
                       MetricType::Counter, static_cast<double>(stats.failed())));
  all.push_back(single("mcbatch_quota_wait_seconds_total", "Time spent waiting for the quota.", MetricType::Counter,
                       seconds(stats.waited(now.mono))));
  all.push_back(single("mcbatch_rate_limit_pause_seconds_total", "Time spent pausing for 429s.", MetricType::Counter,
                       seconds(stats.paused(now.mono))));
  all.push_back(bound_window(stats.waiting(), now));
  all.push_back(single("mcbatch_estimated_cost_euros", "The service's estimates for the jobs submitted by this run.",
                       MetricType::Gauge, static_cast<double>(stats.cost_micros()) / 1e6));
  all.push_back(latency_summary(stats.latency()));
}

MetricFamily events_family(const track::event_counts& e) {
  auto events =
      family("mcbatch_webhook_events_total", "Events of the service by what they came to.", MetricType::Counter);
  add(events, static_cast<double>(e.news), "outcome", "news");
  add(events, static_cast<double>(e.no_news), "outcome", "no_news");
  add(events, static_cast<double>(e.proofs), "outcome", "proof");
  add(events, static_cast<double>(e.early), "outcome", "early");
  add(events, static_cast<double>(e.unproven), "outcome", "unproven");
  add(events, static_cast<double>(e.malformed), "outcome", "malformed");
  return events;
}

MetricFamily conversions_family(const ledger::conversion_counts& counts) {
  auto conversions =
      family("mcbatch_conversions", "Conversions of the ledger's jobs by their state.", MetricType::Gauge);
  for (const auto state : all_conversion_states)
    add(conversions, static_cast<double>(counts[state]), "state", std::string(to_string(state)));
  return conversions;
}

void add_following(std::vector<MetricFamily>& all, const metrics_source::conversions& c) {
  if (c.counts) all.push_back(conversions_family(*c.counts));
  all.push_back(single("mcbatch_conversion_requests_total", "Requests about conversions that left.",
                       MetricType::Counter, static_cast<double>(c.how.polls.sent)));
  all.push_back(
      by_status("mcbatch_conversion_answers_total", "Answers to them by HTTP status.", c.how.polls.by_status));
  all.push_back(single("mcbatch_missing_conversions", "Submitted jobs that the service did not know.",
                       MetricType::Gauge, static_cast<double>(c.how.missing)));
  if (c.how.events) all.push_back(events_family(*c.how.events));
}

} // namespace

std::string metrics_text(const metrics_source& from, now_pair now) {
  std::vector<MetricFamily> all;
  if (from.submission) add_submission(all, *from.submission, now);
  if (from.following) add_following(all, *from.following);
  if (from.credit_micros)
    all.push_back(single("mcbatch_account_credit_euros",
                         "The account's credit, less what was submitted since it was told.", MetricType::Gauge,
                         static_cast<double>(*from.credit_micros) / 1e6));
  return prometheus::TextSerializer().Serialize(all);
}

result<void> replace_file(const std::filesystem::path& path, const std::string& content) {
  std::error_code error;
  // A device or a pipe is written to: in its place a file would be of no use to anyone.
  const bool in_place = std::filesystem::is_other(path, error);
  // A link stays, and what it leads to is replaced.
  const auto target = std::filesystem::is_symlink(path, error) ? std::filesystem::canonical(path, error) : path;
  auto written = target;
  if (!in_place) written += ".new";
  std::ofstream file(written, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  error.clear();
  if (!file)
    error = {errno != 0 ? errno : EIO, std::generic_category()};
  else if (!in_place)
    std::filesystem::rename(written, target, error);
  if (error) return failure{errc::cannot_write, "cannot write " + path.string() + ": " + error.message()};
  return {};
}

} // namespace mcbatch::report
