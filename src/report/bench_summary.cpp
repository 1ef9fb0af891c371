#include <mcbatch/report/bench_summary.hpp>

#include <mcbatch/core/printable.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <utility>

namespace mcbatch::report {
namespace {

using json = nlohmann::ordered_json;

struct named_part {
  const char* name; // in JSON
  const char* shown;
  double part;
};
constexpr std::array percentiles{named_part{"p50", "50 %", 0.5},       named_part{"p75", "75 %", 0.75},
                                 named_part{"p90", "90 %", 0.9},       named_part{"p99", "99 %", 0.99},
                                 named_part{"p99_9", "99.9 %", 0.999}, named_part{"p99_99", "99.99 %", 0.9999}};

double rounded(double value, double parts) {
  return std::round(value * parts) / parts;
}
double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}
double millis(duration d) {
  return rounded(std::chrono::duration<double, std::milli>(d).count(), 1e3);
}

duration mean(const latency_histogram& h) {
  return h.count() > 0 ? h.sum() / static_cast<duration::rep>(h.count()) : duration::zero();
}

double per_second(std::uint64_t count, duration d) {
  return d > duration::zero() ? rounded(static_cast<double>(count) / seconds(d), 1e2) : 0;
}

/// Microseconds for each job that was answered.
double micros_a_job(duration d, const bench_record& r) {
  if (r.answered() == 0) return 0;
  return rounded(seconds(d) * 1e6 / static_cast<double>(r.answered()), 1e2);
}

json latency_json(const latency_histogram& h) {
  json out{{"mean", millis(mean(h))}};
  for (const auto& p : percentiles)
    out[p.name] = millis(h.percentile(p.part));
  out["max"] = millis(h.max());
  return out;
}

json timeline_json(const timeline& t) {
  auto slices = json::array();
  for (const auto& s : t.slices())
    slices.push_back({{"accepted", s.accepted},
                      {"errors", s.errors},
                      {"p50_ms", millis(s.latency.percentile(0.5))},
                      {"p99_ms", millis(s.latency.percentile(0.99))},
                      {"max_ms", millis(s.latency.max())}});
  return {{"slice_s", seconds(t.slice_length())}, {"slices", std::move(slices)}};
}

std::string error_text(const bench_record& r) {
  std::string text;
  for (const auto& [name, count] : r.errors())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_commas(count), name);
  return text;
}

std::string latency_text(const bench_summary& s) {
  const auto& h = s.record.latency();
  auto text = fmt::format("  {:<12}mean {:.2f} ms", "latency", millis(mean(h)));
  for (const auto& p : percentiles)
    text +=
        fmt::format("{}{} {:.2f}", p.part == 0.99 ? "\n              " : ", ", p.shown, millis(h.percentile(p.part)));
  return text + fmt::format(", at most {:.2f} ms; from when each {} to its answer\n", millis(h.max()),
                            s.rate ? "was due" : "left");
}

} // namespace

std::string setting_of(const bench_summary& s) {
  const auto loop = s.rate ? "open loop at " + quota::to_string(*s.rate) : std::string("closed loop");
  return fmt::format("{}, {}, {} a ledger", loop, count_of(s.connections, "connection", "connections"),
                     s.ledger ? "with" : "without");
}

std::string to_json(const bench_summary& s) {
  const auto& r = s.record;
  json out;
  out["stop_reason"] = s.stop_reason;
  out["exit_code"] = s.exit_code;
  if (!s.problem.empty()) out["problem"] = s.problem;
  out["base_url"] = s.base_url;
  out["own_sandbox"] = s.own_sandbox;
  out["loop"] = s.rate ? "open" : "closed";
  out["rate"] = s.rate ? json(quota::to_string(*s.rate)) : json();
  out["connections"] = s.connections;
  out["ledger"] = s.ledger;
  out["elapsed_s"] = rounded(seconds(r.elapsed()), 1e3);
  out["import_s"] = s.import ? json(rounded(seconds(*s.import), 1e3)) : json();
  out["jobs"] = {{"read", s.read.read},      {"duplicate", s.read.duplicate}, {"invalid", s.read.invalid},
                 {"expired", s.expired},     {"sent", r.departures()},        {"answered", r.answered()},
                 {"accepted", r.accepted()}, {"errors", r.error_count()},     {"overdue", s.overdue}};
  out["errors"] = r.errors().empty() ? json::object() : json(r.errors());
  out["jobs_per_second"] = per_second(r.accepted(), r.elapsed());
  out["latency_from"] = s.rate ? "due" : "departure";
  out["latency_ms"] = latency_json(r.latency());
  out["cpu_us_per_job"] = {{"total", micros_a_job(s.user_time + s.system_time, r)},
                           {"user", micros_a_job(s.user_time, r)},
                           {"system", micros_a_job(s.system_time, r)}};
  out["max_rss_bytes"] = s.max_rss_bytes;
  out["bytes"] = {{"sent", s.bytes_sent}, {"received", s.bytes_received}};
  out["timeline"] = r.timeline() ? timeline_json(*r.timeline()) : json();
  return printable_json(out.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string to_text(const bench_summary& s) {
  const auto& r = s.record;
  auto text = s.problem.empty() ? std::string() : printable(s.problem) + "\n";
  text += fmt::format("{}{}: {}\n", s.own_sandbox ? "The sandbox, on this machine as well: " : "", s.base_url,
                      setting_of(s));
  text +=
      fmt::format("  {:<12}{} accepted in {}: {:.1f} a second\n", "throughput", count_of(r.accepted(), "job", "jobs"),
                  for_people(r.elapsed()), per_second(r.accepted(), r.elapsed()));
  if (r.answered() > 0) text += latency_text(s);
  if (r.answered() > 0)
    text += fmt::format("  {:<12}{:.1f} us a job ({:.1f} user, {:.1f} system), of this process alone\n", "processor",
                        micros_a_job(s.user_time + s.system_time, r), micros_a_job(s.user_time, r),
                        micros_a_job(s.system_time, r));
  text += fmt::format("  {:<12}{:.1f} MiB at most\n", "memory", static_cast<double>(s.max_rss_bytes) / (1024 * 1024));
  text += fmt::format("  {:<12}{} sent, {} received, of HTTP within TLS\n", "bytes", with_commas(s.bytes_sent),
                      with_commas(s.bytes_received));
  if (s.overdue > 0) text += fmt::format("  {:<12}{} were due and had not left\n", "overdue", with_commas(s.overdue));
  if (s.read.invalid > 0) text += fmt::format("  {:<12}{} of the manifest\n", "invalid", with_commas(s.read.invalid));
  if (s.expired > 0) text += fmt::format("  {:<12}{}, not sent\n", "expired", with_commas(s.expired));
  return text + fmt::format("  {:<12}{}\n", "errors", r.error_count() > 0 ? error_text(r) : "none");
}

} // namespace mcbatch::report
