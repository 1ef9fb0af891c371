#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "whole_runs/world.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

// test_whole_runs [-- SEED [SEEDS]] plays that seed, or so many from it on.

namespace mcbatch::whole_runs {
namespace {

struct seeds {
  std::uint64_t first, count;
};

seeds asked_for(seeds otherwise) {
  const auto& suite = boost::unit_test::framework::master_test_suite();
  if (suite.argc < 2) return otherwise;
  return {std::strtoull(suite.argv[1], nullptr, 10), suite.argc > 2 ? std::strtoull(suite.argv[2], nullptr, 10) : 1};
}

std::string sentences(const verdict& v) {
  std::string all;
  for (const auto& sentence : v.violations)
    all += "\n  " + sentence;
  return all;
}

BOOST_AUTO_TEST_SUITE(whole_runs_suite)

BOOST_AUTO_TEST_CASE(every_promise_is_kept_whatever_fails_and_whenever_it_dies) {
  const auto [first, count] = asked_for({1, 20'000});
  verdict all;
  int broken = 0;
  for (auto seed = first; seed < first + count && broken < 5; ++seed) {
    const auto v = play(plan_of(seed));
    BOOST_TEST(v.violations.empty(),
               "seed " << seed << ", which can be played again by test_whole_runs -- " << seed << ":" << sentences(v));
    broken += !v.violations.empty();
    all += v;
  }
  BOOST_TEST_MESSAGE(count << " seeds: " << all.lives << " lives, of which " << all.killed << " were killed, "
                           << all.powerless << " of them by a loss of power, and " << all.disk_failures
                           << " met a failing disk; " << all.sent << " requests, " << all.accepted << " accepted, "
                           << all.in_doubt << " in doubt at the end");
  if (count < 1000) return;
  // Else the seeds show nothing.
  BOOST_TEST(all.killed * 4 >= count);
  BOOST_TEST(all.powerless * 20 >= count);
  BOOST_TEST(all.disk_failures * 20 >= count);
}

BOOST_AUTO_TEST_CASE(a_seed_is_played_again_exactly) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed)
    BOOST_TEST(play(plan_of(seed)).trace == play(plan_of(seed)).trace, "seed " << seed);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::whole_runs
