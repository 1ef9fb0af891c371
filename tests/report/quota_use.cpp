#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/quota_use.hpp>
#include <mcbatch/report/run_stats.hpp>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;
using submit::waiting;

const std::vector<quota::limit> free_tier{{10, 1min}, {100, 1h}};

BOOST_AUTO_TEST_SUITE(quota_uses)

BOOST_AUTO_TEST_CASE(the_share_is_what_the_limits_ask_for_by_what_it_took) {
  struct row {
    const char* what;
    quota_use use;
    std::vector<quota::limit> limits;
    std::optional<double> share;
  };
  const std::vector<row> table{
      {"no wait for a window", {}, free_tier, std::nullopt},
      {"ten need no wait: what was waited for was spent before", {10, 60s, {}}, free_tier, std::nullopt},
      {"no limits", {10, 60s, {}}, {}, std::nullopt},
      {"two bursts without a moment lost", {20, 60s, {}}, free_tier, 1.0},
      {"a part of a burst at the end costs nothing", {21, 120s, {}}, free_tier, 1.0},
      {"the second minute was used half", {15, 120s, {}}, free_tier, 0.5},
      {"the stretched window", {20, 60'030ms, {}}, free_tier, 0.9995},
      {"the hour binds after a hundred", {101, 1h, {}}, free_tier, 1.0},
      {"the hour binds, and the minute after it", {111, 1h + 1min, {}}, free_tier, 1.0},
      {"counts that do not divide each other: 8 at once, 2 after 1 s, 6 after 10 s",
       {16, 10s, {}},
       {{8, 1s}, {10, 10s}},
       1.0},
      {"the same, and of the next ten as many as the second lets through", {19, 11s, {}}, {{8, 1s}, {10, 10s}}, 1.0},
      {"faster than the limits, by the service's own hour", {200, 30min, {}}, free_tier, 1.0},
      {"an outage within the window cost nothing", {20, 60s, {{10s, 50s}}}, free_tier, 1.0},
      {"an outage of two windows: only what was busy counts", {30, 250s, {{60s, 180s}}}, free_tier, 120. / 130},
      {"idle times one after another", {20, 70s, {{5s, 30s}, {30s, 65s}}}, free_tier, 0.5},
  };
  for (const auto& r : table) {
    BOOST_TEST_CONTEXT(r.what) {
      const auto share = used_share(r.use, r.limits);
      BOOST_TEST_REQUIRE(share.has_value() == r.share.has_value());
      if (share) BOOST_TEST(*share == *r.share, boost::test_tools::tolerance(1e-4));
    }
  }
}

BOOST_AUTO_TEST_CASE(many_requests_are_counted_by_the_burst) {
  BOOST_TEST(*used_share({1'000'000'001, 1h, {}}, {{1'000'000'000, 1h}}) == 1.0);
}

void spend(run_stats& stats, int requests) {
  for (int n = 0; n < requests; ++n)
    stats.spent();
}

/// 25 jobs on Free, as the submitter tells of them: what is waited for is told when it changes.
BOOST_AUTO_TEST_CASE(a_run_s_use_is_counted_up_to_its_last_wait_for_a_window) {
  const instant start{1h};
  const auto first = start + 5s; // the manifest was looked for so long
  run_stats stats(start);
  stats.waits({waiting::jobs, {}, {}}, start);
  BOOST_TEST(stats.quota_use().requests == 0U);
  spend(stats, 1);
  stats.waits({waiting::first_answer, {}, {}}, first);
  spend(stats, 9);
  stats.waits({waiting::window, first + 60s, 1min}, first + 1s);
  BOOST_TEST(stats.quota_use().requests == 0U); // none has waited yet
  spend(stats, 10);
  stats.waits({waiting::window, first + 121s, 1min}, first + 60s);
  BOOST_TEST(stats.quota_use().requests == 20U);
  stats.waits({waiting::outage, {}, {}}, first + 70s);
  stats.waits({waiting::window, first + 121s, 1min}, first + 80s);
  spend(stats, 6);
  stats.refunded(); // no byte left
  outcome refused;
  refused.what = meaning::rate_limited;
  refused.http_status = 429;
  stats.tried({1, {}, refused, job_state::pending, 50ms});
  stats.waits({waiting::answers, {}, {}}, first + 121s);
  stats.waits({}, first + 500s);
  const auto use = stats.quota_use();
  BOOST_TEST(use.requests == 24U);
  BOOST_TEST((use.until == 121s));
  BOOST_TEST_REQUIRE(use.idle.size() == 1U);
  BOOST_TEST((use.idle.front().from == 70s && use.idle.front().to == 80s));
  BOOST_TEST(*used_share(use, free_tier) == 110. / 111, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
