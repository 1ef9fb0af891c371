#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/progress.hpp>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;
using submit::waiting;

const instant start{1h};
const std::vector<quota::limit> free_tier{{10, 1min}, {100, 1h}};

run_stats a_run(std::uint64_t jobs, std::uint64_t submitted) {
  run_stats stats(start);
  stats.imported({.read = jobs, .queued = jobs});
  stats.import_ended();
  outcome accepted;
  accepted.what = meaning::accepted;
  accepted.http_status = 201;
  for (std::uint64_t n = 0; n < submitted; ++n)
    stats.tried({1, {}, accepted, job_state::submitted, 50ms});
  return stats;
}

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(it_says_what_is_waited_for) {
  BOOST_TEST(describe({waiting::window, start + 41s, 1h}, start) == "waiting 41 s for the hour's quota");
  BOOST_TEST(describe({waiting::window, start + 41s, 1min}, start) == "waiting 41 s for the minute's quota");
  BOOST_TEST(describe({waiting::window, start + 2s, 5s}, start) == "waiting 2 s for the quota of 5 s");
  BOOST_TEST(describe({waiting::pause, start + 10min, {}}, start) == "pausing 10 min: the service answered 429");
  BOOST_TEST(describe({waiting::outage, start + 3s, {}}, start) == "the service does not work; looking again in 3 s");
  BOOST_TEST(describe({waiting::answers, {}, {}}, start).empty());
  // A wait that is over says no negative time.
  BOOST_TEST(describe({waiting::window, start - 5s, 1h}, start) == "waiting 1 s for the hour's quota");
}

BOOST_AUTO_TEST_CASE(a_line_has_counts_rate_time_left_and_the_wait) {
  auto stats = a_run(25, 10);
  stats.waits({waiting::window, start + 60s, 1min}, start + 1s);
  const auto line = progress_line(stats, free_tier, start + 20s);
  BOOST_TEST(line == "10 of 25 submitted | 30 a minute | 2 min left | waiting 40 s for the minute's quota");
  BOOST_TEST(progress_bar(stats, free_tier, start + 20s, 200) == "[########............] " + line);
  BOOST_TEST(progress_bar(stats, free_tier, start + 20s, 79) ==
             "[########............] 10 of 25 submitted | waiting 40 s for the minute's quota");
  BOOST_TEST(progress_bar(stats, free_tier, start + 20s, 30) == "10 of 25 submitted");
  BOOST_TEST(progress_bar(stats, free_tier, start + 20s, 5) == "10 of");
}

BOOST_AUTO_TEST_CASE(time_left_goes_by_the_quota_once_it_binds) {
  // 90 of 100 in the hour are still to come at 10 a minute; the next hour's 50 after them.
  auto stats = a_run(150, 10);
  stats.waits({waiting::window, start + 60s, 1min}, start + 1s);
  const auto left = *time_left(stats, free_tier, start + 10s);
  BOOST_TEST(left >= 1h);
  BOOST_TEST(left <= 2h);
  BOOST_TEST(!time_left(a_run(5, 0), free_tier, start + 10s).has_value());
  BOOST_TEST((*time_left(a_run(5, 5), free_tier, start + 10s) == 0s));
}

BOOST_AUTO_TEST_CASE(absurd_runs_do_not_overflow) {
  run_stats stats(start);
  stats.imported({.read = 100'000'000, .queued = 100'000'000});
  stats.import_ended();
  outcome accepted;
  accepted.what = meaning::accepted;
  stats.tried({1, {}, accepted, job_state::submitted, 50ms});
  BOOST_TEST((*time_left(stats, {{1, 24h}}, start + 10h) > 24h * 365));
}

BOOST_AUTO_TEST_CASE(waits_are_added_up_by_their_cause) {
  auto stats = a_run(25, 10);
  stats.waits({waiting::window, start + 10s, 1min}, start);
  stats.waits({waiting::pause, start + 40s, {}}, start + 10s);
  BOOST_TEST((stats.waited(start + 30s) == 10s));
  BOOST_TEST((stats.paused(start + 30s) == 20s));
  stats.waits({}, start + 40s);
  BOOST_TEST((stats.paused(start + 100s) == 30s));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
