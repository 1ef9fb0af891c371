#define BOOST_TEST_DYN_LINK
#include "simulation/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::simulation;
using namespace mcbatch::simulation::test;
using namespace std::chrono_literals;
using mcbatch::quota::tier;
using sandbox::header_kind;

namespace {

/// Some limits, and how long runs under them are looked at: many windows.
struct setting {
  std::string name;
  std::optional<quota::limit> given; // else a tier's
  tier t = tier::free;
  duration length;
};

const std::array settings{setting{"basic", {}, tier::basic, 150min}, setting{"pro", {}, tier::pro, 150min},
                          setting{"10/60s", quota::limit{10, 60s}, tier::free, 150min},
                          setting{"200/1s", quota::limit{200, 1s}, tier::free, 2min}};

constexpr std::array headers{header_kind::hour, header_kind::none, header_kind::minute, header_kind::shuffled};

/// One run under these limits; the reading, the headers and the network are drawn.
plan draw_plan(const setting& s, std::uint64_t seed) {
  random_source chance(seed);
  const auto reading = readings[seed % readings.size()].second;
  auto p = plan_of(s.t, reading, headers[seed / readings.size() % headers.size()], seed);
  p.begins += std::chrono::floor<std::chrono::microseconds>(chance.up_to(1h));
  p.net.longest = seed % 2 ? 250ms : 50ms;
  p.net.shortest = std::max<duration>(5ms, chance.up_to(p.net.longest));
  if (s.given) {
    p.service.limits = {{s.given->requests, s.given->window}};
    p.runs[0].quota.limits = {*s.given};
  }
  return p;
}

/// As many runs, each begun within a second of the first.
plan with_runs(plan p, std::size_t n) {
  random_source chance(p.seed);
  while (p.runs.size() < n) {
    p.runs.push_back(p.runs[0]);
    p.runs.back().starts = chance.up_to(1s);
  }
  return p;
}

trace play(plan p, duration length) {
  class simulation all(std::move(p));
  all.run_until(length);
  return all.seen();
}

/// How many each run sent between two times.
std::vector<double> sent_by(const trace& t, std::size_t runs, duration from, duration to) {
  std::vector<double> sent(runs);
  for (const auto& r : t.requests)
    if (r.left >= from && r.left < to) ++sent[r.run];
  return sent;
}

double sum(const std::vector<double>& all) {
  double total = 0;
  for (const auto one : all)
    total += one;
  return total;
}

/// Whether each of the runs from `first` on sent as many as the others, but for a fifth.
bool is_fair(std::vector<double> sent, std::size_t runs) {
  sent.resize(runs);
  const auto even = sum(sent) / static_cast<double>(runs);
  return even > 0 && std::ranges::all_of(sent, [&](double one) { return std::abs(one - even) <= 0.2 * even; });
}

std::string listed(const std::vector<double>& sent) {
  std::ostringstream text;
  for (const auto one : sent)
    text << one << " ";
  return text.str();
}

/// Plays every setting with many seeds. What `look` gives is a complaint, or nothing.
void play_settings(std::uint64_t seeds,
                   const std::function<std::string(const setting&, duration length, std::uint64_t seed)>& look) {
  std::mutex results;
  for (const auto& s : settings)
    for_each_seed(seeds, [&](std::uint64_t seed) {
      const auto complaint = look(s, s.length, seed);
      const std::scoped_lock whole(results);
      BOOST_TEST(complaint.empty(), s.name << ", seed " << seed << ": " << complaint);
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(sharing)

BOOST_AUTO_TEST_CASE(four_at_once_get_a_quarter_each_and_together_what_one_would) {
  play_settings(12, [](const setting& s, duration length, std::uint64_t seed) -> std::string {
    const auto one = play(draw_plan(s, seed), length);
    const auto four = play(with_runs(draw_plan(s, seed), 4), length);
    const auto sent = sent_by(four, 4, 1s, length);
    if (four.refused != 0) return "refused " + std::to_string(four.refused);
    if (!is_fair(sent, 4)) return "sent " + listed(sent);
    const auto used = static_cast<double>(four.requests.size()) / static_cast<double>(one.requests.size());
    if (used < 0.98) return "used " + std::to_string(used) + " of what one would";
    return {};
  });
}

BOOST_AUTO_TEST_CASE(what_one_leaves_behind_when_killed_the_others_take_up) {
  play_settings(12, [](const setting& s, duration length, std::uint64_t seed) -> std::string {
    const auto one = play(draw_plan(s, seed), 2 * length);
    auto p = with_runs(draw_plan(s, seed), 4);
    p.runs[3].killed = length;
    const auto four = play(p, 2 * length);
    if (four.refused != 0) return "refused " + std::to_string(four.refused);
    const auto before = sent_by(four, 4, 1s, length);
    if (!is_fair(before, 4)) return "sent before " + listed(before);
    const auto after = sent_by(four, 4, length, 2 * length);
    if (after[3] != 0) return "the dead one sends";
    if (!is_fair(after, 3)) return "sent after " + listed(after);
    // What it had in flight counts for its timeout more.
    const auto settled = length + p.runs[3].quota.timeout;
    const auto used = sum(sent_by(four, 4, settled, 2 * length)) / sum(sent_by(one, 1, settled, 2 * length));
    if (used < 0.98) return "used " + std::to_string(used) + " of what one would";
    return {};
  });
}

BOOST_AUTO_TEST_CASE(one_that_comes_an_hour_later_gets_its_share_at_once) {
  play_settings(12, [](const setting& s, duration length, std::uint64_t seed) -> std::string {
    const auto comes = s.length > 1h ? 1h : 60s;
    auto p = with_runs(draw_plan(s, seed), 4);
    p.runs[3].starts = comes;
    // An hour and some, if the hour binds: it may be used up when it comes.
    const auto until = std::min(length, comes + (s.given ? 10 * s.given->window : 65min));
    const auto all = play(p, until);
    const auto sent = sent_by(all, 4, comes, until);
    if (all.refused != 0) return "refused " + std::to_string(all.refused);
    if (!is_fair(sent, 4)) return "sent " + listed(sent);
    return {};
  });
}

BOOST_AUTO_TEST_SUITE_END()
