#include <mcbatch/quota/estimate.hpp>
#include <mcbatch/report/progress.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

std::string rate_text(const run_stats& stats, instant now) {
  const auto elapsed = seconds(now - stats.start());
  if (elapsed <= 0 || stats.submitted() == 0) return {};
  const auto per_second = static_cast<double>(stats.submitted()) / elapsed;
  if (per_second >= 10) return fmt::format("{:.0f} a second", per_second);
  return fmt::format("{:.0f} a minute", std::ceil(per_second * 60));
}

std::string window_name(duration window) {
  if (window == 1min) return "the minute's quota";
  if (window == 1h) return "the hour's quota";
  return "the quota of " + for_people(window);
}

std::string counts_text(const run_stats& stats) {
  const auto total = stats.read().queued;
  auto text = fmt::format("{} of {}{} submitted", with_commas(stats.submitted()), with_commas(total),
                          stats.has_read_all() ? "" : "+");
  if (stats.rejected() > 0) text += fmt::format(", {} rejected", with_commas(stats.rejected()));
  if (stats.in_doubt() > 0) text += fmt::format(", {} in doubt", with_commas(stats.in_doubt()));
  if (stats.read().invalid > 0) text += fmt::format(", {} invalid", with_commas(stats.read().invalid));
  return text;
}

} // namespace

std::optional<duration> time_left(const run_stats& stats, const std::vector<quota::limit>& limits, instant now) {
  if (!stats.has_read_all() || stats.submitted() == 0) return std::nullopt;
  if (stats.left() == 0) return duration::zero();
  const auto left = static_cast<double>(stats.left());
  const auto by_rate = seconds(now - stats.start()) / static_cast<double>(stats.submitted()) * left;
  auto by_quota = seconds(quota::turn_estimate(limits)(stats.left()));
  if (stats.waiting().what == submit::waiting::window && stats.waiting().until)
    by_quota = seconds(*stats.waiting().until - now) + seconds(quota::turn_estimate(limits)(stats.left() - 1));
  // A burst at the start says little of what follows; the quota says all of it once it binds.
  const auto estimate = by_quota > 0 ? std::max(by_quota, std::min(by_rate, 2 * by_quota)) : by_rate;
  constexpr double longest = 1e9; // s; far beyond any run, and within what a duration holds
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(std::min(estimate, longest)));
}

std::string describe(const submit::wait_state& wait, instant now) {
  const auto left = wait.until ? for_people(std::max<duration>(*wait.until - now, 1s) / 1s * 1s) : std::string();
  switch (wait.what) {
  case submit::waiting::nothing:
  case submit::waiting::answers:
    return {};
  case submit::waiting::jobs:
    return "reading the manifest";
  case submit::waiting::backoff:
    return wait.until ? "trying again in " + left : "trying again";
  case submit::waiting::outage:
    return "the service does not work" + (wait.until ? "; looking again in " + left : "");
  case submit::waiting::drain:
    return "stopping, waiting for the answers that are out";
  case submit::waiting::first_answer:
    return "waiting for the first answer";
  case submit::waiting::window:
    return "waiting " + (wait.until ? left + " " : "") + "for " + window_name(wait.window);
  case submit::waiting::pause:
    return "pausing " + (wait.until ? left + ": " : ": ") + "the service answered 429";
  }
  return {};
}

std::string progress_line(const run_stats& stats, const std::vector<quota::limit>& limits, instant now,
                          std::size_t width) {
  const auto left = time_left(stats, limits, now);
  const auto wait = describe(stats.waiting(), now);
  const auto rate = rate_text(stats, now);
  const auto line = counts_text(stats);
  const auto time = left && *left > 0s ? " | " + for_people(std::max<duration>(*left, 1s)) + " left" : "";
  const auto waiting = wait.empty() ? "" : " | " + wait;
  // What does not fit is left out whole, the least telling first.
  const auto whole = line + (rate.empty() ? "" : " | " + rate) + time + waiting;
  for (const auto& shorter : {whole, line + time + waiting, line + waiting, line})
    if (shorter.size() <= width) return shorter;
  return line.substr(0, width);
}

std::string progress_bar(const run_stats& stats, const std::vector<quota::limit>& limits, instant now,
                         std::size_t width) {
  constexpr std::size_t cells = 20;
  const auto total = std::max<std::uint64_t>(stats.read().queued, 1);
  const auto filled = std::min<std::uint64_t>(cells, (total - std::min(total, stats.left())) * cells / total);
  const auto bar = "[" + std::string(filled, '#') + std::string(cells - filled, '.') + "] ";
  if (width < 3 * bar.size()) return progress_line(stats, limits, now, width);
  return bar + progress_line(stats, limits, now, width - bar.size());
}

} // namespace mcbatch::report
