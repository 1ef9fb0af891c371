#define BOOST_TEST_DYN_LINK
#include "simulation/optimum.hpp"
#include "simulation/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace mcbatch;
using namespace mcbatch::simulation;
using namespace mcbatch::simulation::test;
using namespace std::chrono_literals;
using mcbatch::quota::tier;
using sandbox::header_kind;
using sandbox::window_kind;

namespace {

/// When the last job was submitted.
duration last_left(const class simulation& s) {
  return s.seen().requests.back().left;
}

} // namespace

BOOST_AUTO_TEST_SUITE(runs)

BOOST_AUTO_TEST_CASE(a_million_jobs_on_pro_take_their_hundred_hours_and_no_more) {
  for (const auto kind : {header_kind::hour, header_kind::none}) {
    auto p = plan_of(tier::pro, window_kind::fixed, kind, 1);
    p.net = {20ms, 250ms, 0};
    p.runs[0].jobs = 1'000'000;
    class simulation all(std::move(p));
    all.run();
    BOOST_REQUIRE(all.seen().finished[0]);
    BOOST_TEST(all.seen().refused == 0U);
    // The hundredth hour's 10,000 leave in bursts of 200, one a minute.
    const auto best = 99h + 49min;
    BOOST_TEST(seconds(last_left(all)) <= 1.002 * seconds(best));
    BOOST_TEST(seconds(last_left(all)) >= seconds(best));
  }
}

BOOST_AUTO_TEST_CASE(what_begins_before_the_hour_uses_the_rest_of_it_and_the_next) {
  auto p = plan_of(tier::pro, window_kind::fixed, header_kind::hour, 1);
  p.begins = an_hour - 10min;
  p.net = {20ms, 250ms, 0};
  p.runs[0].jobs = 12'000;
  class simulation all(std::move(p));
  all.run();
  BOOST_TEST(all.seen().refused == 0U);
  BOOST_TEST(seconds(last_left(all)) <= 1.01 * 3600);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_trace) {
  const auto play = [](std::uint64_t seed) {
    auto p = plan_of(tier::basic, window_kind::sliding, header_kind::shuffled, seed);
    p.net = {5ms, 2s, 0.01};
    p.runs[0].killed = 20min;
    p.runs.push_back(p.runs[0]);
    p.runs[1].starts = 21min;
    p.runs[1].killed.reset();
    class simulation all(std::move(p));
    all.run_until(2h);
    return all.seen();
  };
  const auto once = play(7), again = play(7), other = play(8);
  const auto same = [](const trace& a, const trace& b) {
    return a.counted == b.counted && std::ranges::equal(a.requests, b.requests, [](const auto& x, const auto& y) {
             return x.run == y.run && x.refused == y.refused && x.left == y.left && x.ended == y.ended;
           });
  };
  BOOST_TEST(same(once, again));
  BOOST_TEST(!same(once, other));
}

BOOST_AUTO_TEST_CASE(losses_kills_and_restarts_never_exceed_a_limit) {
  for (const auto t : {tier::free, tier::basic, tier::pro})
    for (const auto& [name, reading] : readings)
      for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        random_source chance(seed);
        auto p = plan_of(t, reading, seed % 2 ? header_kind::hour : header_kind::none, seed);
        p.begins += std::chrono::floor<std::chrono::microseconds>(chance.up_to(1h));
        p.runs_clock_ahead = chance.up_to(48h) - 24h;
        p.net = {5ms, 5s, 0.02};
        // One after the other, each killed with requests in flight; the next goes on at once or after a while.
        for (duration starts{}; starts < 100min;) {
          auto& r = p.runs.back();
          r.starts = starts;
          r.killed = starts + chance.up_to(20min);
          starts = *r.killed + (chance.unit() < 0.5 ? 0s : chance.up_to(5min));
          p.runs.push_back(r);
        }
        p.runs.back().starts = 100min;
        p.runs.back().killed.reset();
        class simulation all(std::move(p));
        all.run_until(3h);
        BOOST_TEST(all.seen().refused == 0U,
                   to_string(t) << ", " << name << ", seed " << seed << ": refused " << all.seen().refused);
        BOOST_TEST(all.seen().requests.back().run == all.seen().finished.size() - 1);
      }
}

BOOST_AUTO_TEST_SUITE_END()
