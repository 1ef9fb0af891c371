#define BOOST_TEST_DYN_LINK
#include "simulation/optimum.hpp"
#include "simulation/support.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>

using namespace mcbatch;
using namespace mcbatch::simulation;
using namespace mcbatch::simulation::test;
using namespace std::chrono_literals;
using mcbatch::quota::tier;
using sandbox::header_kind;
using sandbox::window_kind;

namespace {

constexpr std::uint64_t seeds = 1000;

constexpr std::array headers{header_kind::hour,     header_kind::minute, header_kind::none,    header_kind::millis,
                             header_kind::relative, header_kind::past,   header_kind::garbage, header_kind::shuffled};

/// Whether they show a fixed hour, where there is one.
bool show_hour(header_kind kind) {
  return kind == header_kind::hour || kind == header_kind::millis || kind == header_kind::relative;
}

constexpr std::array<duration, 6> longest_round_trips{5ms, 50ms, 250ms, 250ms, 1s, 5s};

/// So long that every limit of the tier binds, and the hour turns.
duration shortest_run(tier t) {
  if (t == tier::enterprise) return 5min;
  return t == tier::pro ? 62min : 130min;
}

/// The end of it, in which is measured; whole minutes, so that no moment between two bursts counts for more.
duration measured(tier t) {
  return t == tier::enterprise ? 2min : 30min;
}

struct setting {
  plan what;
  duration length;
  bool hour_is_shown;
};

setting draw_setting(tier t, window_kind reading, std::uint64_t seed) {
  random_source chance(seed);
  const auto kind = headers[seed / longest_round_trips.size() % headers.size()];
  setting s{plan_of(t, reading, kind, seed), {}, {}};
  auto& p = s.what;
  p.begins += std::chrono::floor<std::chrono::microseconds>(chance.up_to(1h));
  p.runs_clock_ahead = chance.up_to(48h) - 24h;
  p.service_clock_rate = 1 + 0.0004 * (2 * chance.unit() - 1);
  p.net.longest = longest_round_trips[seed % longest_round_trips.size()];
  p.net.shortest = std::max<duration>(5ms, chance.up_to(p.net.longest));
  if (seed % 10 == 9) p.net.lost = 0.01;
  s.length = shortest_run(t) + chance.up_to(t == tier::enterprise ? 1min : 10min);
  s.hour_is_shown = reading == sandbox::window_kind::fixed && show_hour(kind);
  return s;
}

optimum optimum_of(tier t, const setting& s) {
  const auto into_hour = s.what.begins.time_since_epoch() % 1h;
  return {quota::limits_of(t), s.hour_is_shown ? std::optional<duration>(1h - into_hour) : std::nullopt};
}

/// What many runs had sent, beside what they could have, at each of many times.
struct use {
  std::uint64_t sent = 0, could = 0;

  void add(const std::vector<duration>& left, const std::vector<duration>& could_leave, duration from, duration to) {
    const auto step = (to - from) / 100;
    for (auto now = from + step / 2; now < to; now += step) { // no burst of the optimum's falls on all of them

      sent += static_cast<std::uint64_t>(std::ranges::upper_bound(left, now) - left.begin());
      could += static_cast<std::uint64_t>(std::ranges::upper_bound(could_leave, now) - could_leave.begin());
    }
  }
};

std::vector<duration> times_of(const trace& t) {
  std::vector<duration> left;
  for (const auto& r : t.requests)
    left.push_back(r.left);
  return left;
}

void play_seeds(tier t, window_kind reading) {
  std::mutex results;
  std::map<std::pair<duration, bool>, use> by_round_trip; // and whether the hour was shown
  for_each_seed(seeds, [&](std::uint64_t seed) {
    auto s = draw_setting(t, reading, seed);
    const auto longest = s.what.net.longest;
    // Headers that speak of hour and minute by turns may or may not show how a new hour stands when that is asked.
    const bool is_measured = s.what.net.lost == 0 && s.what.service.headers != header_kind::shuffled;
    const bool shown = s.hour_is_shown;
    const auto best = optimum_of(t, s).left_by(s.length);
    class simulation all(std::move(s.what));
    all.run_until(s.length);

    const std::scoped_lock whole(results);
    BOOST_TEST(all.seen().refused == 0U, "refused " << all.seen().refused << " with seed " << seed);
    if (is_measured) by_round_trip[{longest, shown}].add(times_of(all.seen()), best, s.length - measured(t), s.length);
  });
  for (const auto& [kind, u] : by_round_trip) {
    const auto& [round_trip, shown] = kind;
    const auto part = static_cast<double>(u.sent) / static_cast<double>(u.could);
    BOOST_TEST_MESSAGE("  round trips up to " << round_trip / 1ms << " ms" << (shown ? ", the hour shown: " : ": ")
                                              << part);
    // A longer one may cost itself once a window.
    const auto least = round_trip <= 250ms ? 0.995 : seconds(1min) / seconds(1min + round_trip);
    BOOST_TEST(part >= least, "only " << part << " with round trips up to " << round_trip / 1ms << " ms");
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(alone)

BOOST_DATA_TEST_CASE(never_refused_and_nearly_all_of_the_quota_used,
                     boost::unit_test::data::xrange(all_tiers.size() * readings.size())) {
  const auto t = all_tiers[sample / readings.size()];
  const auto& [name, reading] = readings[sample % readings.size()];
  BOOST_TEST_MESSAGE(to_string(t) << ", " << name);
  play_seeds(t, reading);
}

BOOST_AUTO_TEST_SUITE_END()
