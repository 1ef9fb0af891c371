#include <mcbatch/report/progress.hpp>

#include <mcbatch/core/text.hpp>
#include <mcbatch/quota/estimate.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

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
  if (window == 1min) return "minute's quota";
  if (window == 1h) return "hour's quota";
  return "quota of " + format_duration(window);
}

/// Longer waits are told by their end: that stays true while nobody looks.
constexpr duration long_wait = 1min;

std::string length_text(instant until, instant now) {
  return for_people(std::max<duration>(until - now, 1s) / 1s * 1s);
}

/// Until when, for people: "41 s", "until 14:00:12".
std::string end_text(instant until, now_pair now) {
  if (until - now.mono < long_wait) return length_text(until, now.mono);
  return "until " + time_of_day(submit::at_wall(until, now), now.wall);
}

std::string describe_window(const submit::wait_state& wait, now_pair now) {
  const auto name = "the " + window_name(wait.window);
  if (!wait.until) return "waiting for " + name;
  const auto end = end_text(*wait.until, now);
  return *wait.until - now.mono < long_wait ? "waiting " + end + " for " + name : "waiting for " + name + " " + end;
}

/// The same in fewer words: "hour's quota until 14:00:12", "minute's quota 41 s".
std::string describe_shortly(const submit::wait_state& wait, now_pair now) {
  if (wait.what == submit::waiting::pause) return "429" + (wait.until ? ": " + end_text(*wait.until, now) : "");
  if (wait.what != submit::waiting::window) return describe(wait, now);
  return window_name(wait.window) + (wait.until ? " " + end_text(*wait.until, now) : "");
}

/// A further part of a line.
std::string as_part(const std::string& text) {
  return text.empty() ? "" : " | " + text;
}

/// "1,234 of 25,000".
std::string sum_text(const run_stats& stats) {
  return fmt::format("{} of {}{}", with_commas(stats.submitted()), with_commas(stats.read().queued),
                     stats.has_read_all() ? "" : "+");
}

std::string counts_text(const run_stats& stats) {
  auto text = sum_text(stats) + " submitted";
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

std::string describe(const submit::wait_state& wait, now_pair now) {
  const auto left = wait.until ? length_text(*wait.until, now.mono) : std::string();
  switch (wait.what) {
  case submit::waiting::nothing:
  case submit::waiting::answers:
  case submit::waiting::pace:
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
    return describe_window(wait, now);
  case submit::waiting::pause:
    return "pausing" + (wait.until ? " " + end_text(*wait.until, now) : "") + ": the service answered 429";
  }
  return {};
}

std::string describe_without_end(const submit::wait_state& wait) {
  return describe({wait.what, std::nullopt, wait.window}, {});
}

std::string progress_line(const run_stats& stats, const std::vector<quota::limit>& limits, now_pair now,
                          std::size_t width) {
  const auto left = time_left(stats, limits, now.mono);
  const auto counts = counts_text(stats);
  const auto rate = as_part(rate_text(stats, now.mono));
  const auto time = left && *left > 0s ? as_part(for_people(std::max<duration>(*left, 1s)) + " left") : "";
  const auto waiting = as_part(describe(stats.waiting(), now));
  const auto wait = describe_shortly(stats.waiting(), now);
  const auto in_short = as_part(wait);
  // What does not fit is left out whole, the least telling first.
  const auto least = sum_text(stats);
  for (const auto& line :
       {counts + rate + time + waiting, counts + time + waiting, counts + time + in_short, counts + waiting,
        counts + in_short, least + in_short, wait.empty() ? counts : wait, counts, least})
    if (line.size() <= width) return line;
  return least.substr(0, width);
}

std::string progress_bar(const run_stats& stats, const std::vector<quota::limit>& limits, now_pair now,
                         std::size_t width) {
  constexpr std::size_t cells = 20;
  const auto total = std::max<std::uint64_t>(stats.read().queued, 1);
  const auto filled = std::min<std::uint64_t>(cells, (total - std::min(total, stats.left())) * cells / total);
  const auto bar = "[" + std::string(filled, '#') + std::string(cells - filled, '.') + "] ";
  const auto least = sum_text(stats) + as_part(describe_shortly(stats.waiting(), now));
  if (width < std::max(3 * bar.size(), bar.size() + least.size())) return progress_line(stats, limits, now, width);
  return bar + progress_line(stats, limits, now, width - bar.size());
}

} // namespace mcbatch::report
