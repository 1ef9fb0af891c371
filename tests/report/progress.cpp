#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/progress.hpp>

#include <cstdlib>

#include <time.h>

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

/// 12:00 UTC on 15 January 2024, so long after the start.
now_pair after(duration d) {
  return {start + d, wall_time(std::chrono::seconds(1705320000)) + std::chrono::duration_cast<wall_time::duration>(d)};
}

/// Times of day in a zone of the test's own.
struct time_zone {
  time_zone() {
    ::setenv("TZ", "Nowhere-2", 1); // two hours east
    ::tzset();
  }
  ~time_zone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

BOOST_AUTO_TEST_CASE(it_says_what_is_waited_for) {
  const time_zone two_hours_east;
  const auto said = [](submit::wait_state wait) { return describe(wait, after(0s)); };
  BOOST_TEST(said({waiting::window, start + 41s, 1h}) == "waiting 41 s for the hour's quota");
  BOOST_TEST(said({waiting::window, start + 41s, 1min}) == "waiting 41 s for the minute's quota");
  BOOST_TEST(said({waiting::window, start + 2s, 5s}) == "waiting 2 s for the quota of 5s");
  BOOST_TEST(said({waiting::window, start + 731s, 1h}) == "waiting for the hour's quota until 14:12:11");
  BOOST_TEST(said({waiting::window, start + 12h, 24h}) == "waiting for the quota of 1d until 2024-01-16 02:00:00");
  BOOST_TEST(said({waiting::window, {}, 1min}) == "waiting for the minute's quota");
  BOOST_TEST(said({waiting::pause, start + 9s, {}}) == "pausing 9 s: the service answered 429");
  BOOST_TEST(said({waiting::pause, start + 10min, {}}) == "pausing until 14:10:00: the service answered 429");
  BOOST_TEST(said({waiting::outage, start + 3s, {}}) == "the service does not work; looking again in 3 s");
  BOOST_TEST(said({waiting::answers, {}, {}}).empty());
  // A wait that is over says no negative time.
  BOOST_TEST(said({waiting::window, start - 5s, 1h}) == "waiting 1 s for the hour's quota");
}

BOOST_AUTO_TEST_CASE(a_line_has_counts_rate_time_left_and_the_wait) {
  auto stats = a_run(25, 10);
  stats.waits({waiting::window, start + 60s, 1min}, start + 1s);
  const auto line = progress_line(stats, free_tier, after(20s));
  BOOST_TEST(line == "10 of 25 submitted | 30 a minute | 2 min left | waiting 40 s for the minute's quota");
  BOOST_TEST(progress_bar(stats, free_tier, after(20s), 200) == "[########............] " + line);
}

/// Down to 40 columns it is seen which window binds, and until when; the bar goes before that does.
BOOST_AUTO_TEST_CASE(what_is_waited_for_is_the_last_to_be_left_out) {
  const time_zone two_hours_east;
  auto soon = a_run(25, 10);
  soon.waits({waiting::window, start + 60s, 1min}, start + 1s);
  auto late = a_run(25'000, 1'234);
  late.waits({waiting::window, start + 1h, 1h}, start + 1s);
  struct row {
    std::size_t width;
    const char *soon, *late;
  };
  const std::vector<row> table{
      {120,
       "[########............] 10 of 25 submitted | 30 a minute | 2 min left | waiting 40 s for the minute's quota",
       "[....................] 1,234 of 25,000 submitted | 3 h 18 min left | waiting for the hour's quota until "
       "15:00:00"},
      {100, "[########............] 10 of 25 submitted | 2 min left | waiting 40 s for the minute's quota",
       "[....................] 1,234 of 25,000 submitted | 3 h 18 min left | hour's quota until 15:00:00"},
      {80, "[########............] 10 of 25 submitted | 2 min left | minute's quota 40 s",
       "[....................] 1,234 of 25,000 submitted | hour's quota until 15:00:00"},
      {60, "10 of 25 submitted | 2 min left | minute's quota 40 s",
       "1,234 of 25,000 submitted | hour's quota until 15:00:00"},
      {40, "10 of 25 submitted | minute's quota 40 s", "hour's quota until 15:00:00"},
      {20, "minute's quota 40 s", "1,234 of 25,000"},
      {5, "10 of", "1,234"},
  };
  const std::vector<quota::limit> pro{{200, 1min}, {10000, 1h}};
  for (const auto& r : table) {
    BOOST_TEST(progress_bar(soon, free_tier, after(20s), r.width) == r.soon);
    BOOST_TEST(progress_bar(late, pro, after(20s), r.width) == r.late);
  }
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
