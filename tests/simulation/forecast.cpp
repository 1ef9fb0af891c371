#define BOOST_TEST_DYN_LINK
#include "simulation/support.hpp"

#include <mcbatch/simulation/forecast.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <numeric>
#include <string>

using namespace mcbatch;
using namespace mcbatch::simulation;
using namespace mcbatch::simulation::test;
using namespace std::chrono_literals;
using mcbatch::quota::limit;
using mcbatch::quota::limits_of;
using mcbatch::quota::tier;
using sandbox::header_kind;
using sandbox::window_kind;

namespace {

using limits = std::vector<limit>;

/// A run under those limits of so many jobs, with the usual settings.
plan plan_of(const limits& all, std::uint64_t jobs) {
  plan p;
  p.begins = an_hour;
  for (const auto& [requests, window] : all)
    p.service.limits.push_back({requests, window});
  p.service.window = window_kind::sliding;
  p.service.headers = header_kind::none;
  p.net = {forecast::round_trip, forecast::round_trip};
  run_plan r;
  r.jobs = jobs;
  r.quota.limits = all;
  p.runs.push_back(r);
  return p;
}

/// When each job leaves, all of them played.
std::vector<duration> played(plan p) {
  class simulation all(std::move(p));
  all.run();
  BOOST_TEST(all.seen().refused == 0U);
  std::vector<duration> left;
  for (const auto& r : all.seen().requests)
    left.push_back(r.left);
  return left;
}

std::string text_of(const limits& all) {
  return std::accumulate(all.begin(), all.end(), std::string(), [](const std::string& before, const limit& l) {
    return before + (before.empty() ? "" : " ") + to_string(l);
  });
}

/// Tells the first turn that is farther from the played one than by this part of it.
void compare(const limits& all, const std::vector<duration>& turns, double tolerance) {
  forecast turn(all);
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const auto foretold = turn(i);
    if (std::abs(seconds(foretold - turns[i])) <= tolerance * seconds(turns[i])) continue;
    BOOST_ERROR(text_of(all) << ": request " << i << " at " << seconds(foretold) << " s, and in truth at "
                             << seconds(turns[i]) << " s");
    return;
  }
}

const std::vector<limits> tier_limits{limits_of(tier::free), limits_of(tier::basic), limits_of(tier::pro),
                                      limits_of(tier::enterprise)};

/// Those of one window or several, with counts that divide each other or not, such that the in-flight requests bind or
/// never do.
const std::vector<limits> other_limits{{{1, 24h}},
                                       {{5, 1s}},
                                       {{1, 1ms}},
                                       {{1000, 1ms}},
                                       {{30'000, 1h}},
                                       {{200, 60s}, {10'000, 1h}},
                                       {{1'000'000, 1h}, {5, 1s}},
                                       {{2, 1s}, {10, 1min}, {100, 1h}},
                                       {{7, 10s}, {100, 3min}},
                                       {{9, 89s}, {10, 100s}},
                                       {{7, 70s}, {69, 689s}},
                                       {{10, 100s}, {9, 90s}},
                                       {{5, 30s}, {5, 30s}},
                                       {{3, 1s}, {20, 10s}, {70, 1min}},
                                       {{64, 1s}, {65, 1s}}};

} // namespace

BOOST_AUTO_TEST_SUITE(forecasts)

BOOST_AUTO_TEST_CASE(say_what_would_be_played) {
  for (const auto& l : tier_limits)
    compare(l, played(plan_of(l, 100'000)), 0);
  for (const auto& l : other_limits)
    compare(l, played(plan_of(l, 20'000)), 0);
}

BOOST_AUTO_TEST_CASE(hold_nearly_where_round_trips_vary_about_as_much_as_supposed) {
  const auto compare_last = [](const limits& l, double tolerance) {
    auto p = plan_of(l, 20'000);
    p.net = {20ms, 250ms};
    const auto last = played(std::move(p)).back(), foretold = forecast(l)(19'999);
    BOOST_TEST(std::abs(seconds(foretold - last)) <= tolerance * seconds(last),
               text_of(l) << ": " << seconds(foretold) << " s, and in truth " << seconds(last) << " s");
  };
  for (const auto& l : tier_limits)
    compare_last(l, 0.005);
  for (const auto& l : other_limits)
    compare_last(l, 0.015); // where nothing but round trips takes time, so many are off their mean by up to that
}

BOOST_AUTO_TEST_CASE(are_near_the_truth_where_too_much_would_have_to_be_played) {
  // The windows of the first three hold more than is played; the fourth's pattern takes longer to repeat.
  for (const auto& l : {limits{{60'000, 10min}}, limits{{60'000, 10min}, {2'000, 10s}},
                        limits{{55'000, 10min}, {3'000, 25s}}, limits{{30'000, 5min}, {700, 6s}}}) {
    const auto turns = played(plan_of(l, 200'000));
    compare(l, turns, 0.005);
  }
}

BOOST_AUTO_TEST_CASE(never_fall_and_are_the_same_however_they_are_asked) {
  auto all = other_limits;
  all.insert(all.end(), tier_limits.begin(), tier_limits.end());
  all.push_back({{55'000, 10min}, {3'000, 25s}});
  all.push_back({{100'003, 1h}, {50'021, 21min}});
  all.push_back({{20'000, 20'000s}, {29'000, 28'900s}}); // the second binds shortly before playing ends
  all.push_back({{40'002, 2005382ms}, {1'000, 50s}});    // forty of the second last a round trip longer than the first
  for (const auto& l : all) {
    forecast one_by_one(l), backwards(l);
    BOOST_TEST(one_by_one(0).count() == 0);
    duration before{};
    std::vector<duration> turns;
    std::size_t falls = 0, differ = 0;
    for (std::uint64_t i = 0; i < 220'000; ++i) {
      const auto turn = one_by_one(i);
      falls += turn < before;
      turns.push_back(before = turn);
    }
    for (auto i = turns.size(); i-- > 0;)
      differ += backwards(i) != turns[i];
    BOOST_TEST(falls == 0U, text_of(l) << ": " << falls << " turns before the one before");
    BOOST_TEST(differ == 0U, text_of(l) << ": " << differ << " turns are others");
  }
}

BOOST_AUTO_TEST_CASE(reach_as_far_as_a_duration_does) {
  const auto stretched = quota::stretched(1h) + forecast::round_trip;
  forecast hourly({{1, 1h}});
  BOOST_TEST((hourly(1'000'000) == 1'000'000 * stretched));
  BOOST_TEST((hourly(3'000'000) == duration::max())); // 342 years
  BOOST_TEST((hourly(UINT64_MAX) == duration::max()));

  forecast all_at_once({{1'000'000'000'000, 1s}});
  const auto ten_million = seconds(all_at_once(10'000'000));
  BOOST_TEST(ten_million == 10e6 / 64 * seconds(forecast::round_trip), boost::test_tools::tolerance(0.001));
  forecast any({{UINT64_MAX, 1ns}});
  BOOST_TEST((any(UINT64_MAX) == duration::max()));

  // A window that ends after all time, and one after all that is played.
  forecast never({{3, duration::max()}});
  BOOST_TEST((never(2) < 1s));
  BOOST_TEST((never(3) == duration::max()));
  forecast in_old_age({{3, 24h * 365 * 80}, {1, 1min}});
  BOOST_TEST((in_old_age(2) < 3min));
  BOOST_TEST(seconds(in_old_age(3)) == 80 * 365 * 86400., boost::test_tools::tolerance(0.001));
  BOOST_TEST((in_old_age(8) - in_old_age(5) == in_old_age(3)));
  BOOST_TEST((in_old_age(12) == duration::max()));
}

BOOST_AUTO_TEST_CASE(are_not_exceeded_where_the_service_shows_its_fixed_hour) {
  for (const auto t : all_tiers) {
    // Some hours, and a part of one.
    const std::uint64_t jobs = limits_of(t).back().requests * 7 / 2;
    const auto foretold = forecast(limits_of(t))(jobs - 1);
    int earlier = 0;
    for (auto into_hour = 0min; into_hour < 60min; into_hour += 5min) {
      auto p = plan_of(limits_of(t), jobs);
      p.begins = an_hour + into_hour;
      p.seed = static_cast<std::uint64_t>(into_hour.count());
      p.net = {20ms, 250ms};
      p.service.window = window_kind::fixed;
      p.service.headers = header_kind::hour;
      p.runs[0].quota.limits.clear();
      p.runs[0].quota.ceiling = t;
      const auto last = played(std::move(p)).back();
      earlier += last < foretold - 1min;
      BOOST_TEST(seconds(last) <= 1.01 * seconds(foretold),
                 to_string(t) << ", " << into_hour.count() << " min into the hour: " << seconds(foretold)
                              << " s, and in truth " << seconds(last) << " s");
      BOOST_TEST(seconds(last) >= seconds(foretold - 1h) * 0.99);
    }
    if (t != tier::enterprise) BOOST_TEST(earlier > 6, to_string(t) << ": earlier " << earlier << " times of 12");
  }
}

BOOST_AUTO_TEST_SUITE_END()
