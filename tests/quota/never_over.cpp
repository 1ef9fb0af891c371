#define BOOST_TEST_DYN_LINK
#include "quota/simulation.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace mcbatch::quota::test;
using namespace std::chrono_literals;

namespace {

struct setting {
  std::string name;
  std::vector<limit> limits;
  network net;
  duration runs_for;
};

std::ostream& operator<<(std::ostream& out, const setting& s) {
  return out << s.name;
}

const std::vector<setting> settings{
    {"free's minute, quick answers", {{10, 1min}}, {10ms}, 10min},
    {"one a second", {{1, 1s}}, {300ms}, 2min},
    {"answers slower than the window", {{5, 1s}}, {3s}, 1min},
    {"two windows, the short one binds", {{10, 1s}, {500, 1min}}, {100ms}, 2min},
    {"two windows, the long one binds", {{10, 1s}, {100, 1min}}, {100ms}, 5min},
    {"three windows", {{3, 1s}, {20, 10s}, {60, 1min}}, {500ms}, 5min},
    {"free", {{10, 1min}, {100, 1h}}, {2s}, 3h},
    {"losses", {{20, 10s}, {200, 5min}}, {200ms, 0.05}, 30min},
    {"many losses, few in flight", {{10, 1min}}, {1s, 0.5, 4}, 30min},
    {"one in flight", {{10, 1min}}, {1s, 0, 1}, 20min},
};

answer say_nothing(instant) {
  return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(never_over)

// The field's commonest bug: a bucket that starts full and refills lets twice the limit through in its first window.
BOOST_DATA_TEST_CASE(no_window_wherever_it_begins_holds_more_than_its_limit, settings) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    governor g({.limits = sample.limits}, 1, random_source(seed));
    simulation s(g, sample.net, say_nothing, random_source(seed + 1000));
    s.run_until(start + sample.runs_for);
    for (const auto& l : sample.limits) {
      // The server's clock may run 0.04 % slow against ours: its window is longer by that.
      const auto theirs = l.window + l.window / 2500;
      BOOST_TEST(most_in_any(s.counted(), theirs) <= l.requests, to_string(l) << " is exceeded with seed " << seed);
    }
  }
}

BOOST_DATA_TEST_CASE(the_limits_are_nearly_used, settings) {
  if (sample.net.lost > 0) return; // what is lost is spent for longer
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    governor g({.limits = sample.limits}, 1, random_source(seed));
    simulation s(g, sample.net, say_nothing, random_source(seed));
    s.run_until(start + sample.runs_for);

    const auto round_trip = 2 * sample.net.longest_way;
    double least = static_cast<double>(sample.net.max_in_flight) * static_cast<double>(sample.runs_for / round_trip);
    for (const auto& l : sample.limits) {
      const auto windows = static_cast<double>(sample.runs_for.count()) /
                           static_cast<double>((stretched(l.window) + round_trip).count());
      least = std::min(least, windows * static_cast<double>(l.requests));
    }
    BOOST_TEST(static_cast<double>(s.left().size()) >= 0.9 * least, s.left().size() << " of " << least);
  }
}

BOOST_AUTO_TEST_CASE(the_first_window_holds_the_limit_and_no_refill) {
  governor g({.limits = {{10, 1min}}}, 1, random_source(1));
  simulation s(g, {0ms}, say_nothing, random_source(1));
  s.run_until(start + 1min);
  BOOST_TEST(s.left().size() == 10U);
  s.run_until(start + 2min);
  BOOST_TEST(s.left().size() == 20U);
}

BOOST_AUTO_TEST_CASE(a_token_returns_one_window_after_the_answer) {
  governor g({.limits = {{1, 1min}}}, 1, random_source(1));
  const auto id = g.leave(start).request;
  BOOST_TEST(!g.admit(start + 10min).go); // no answer, no token
  g.apply({event_kind::answer, id, start + 7s, {}});
  const auto a = g.admit(start + 8s);
  BOOST_TEST(!a.go);
  BOOST_TEST((a.why == wait_for::window));
  BOOST_TEST((a.window == 1min));
  BOOST_REQUIRE(a.until);
  BOOST_TEST((*a.until == start + 7s + stretched(1min)));
  BOOST_TEST(!g.admit(*a.until - 1ns).go);
  BOOST_TEST(g.admit(*a.until).go);
}

BOOST_AUTO_TEST_CASE(one_that_was_given_up_on_counts_for_a_timeout_more) {
  governor g({.limits = {{1, 1min}}}, 1, random_source(1));
  const auto id = g.leave(start).request;
  g.apply({event_kind::gave_up, id, start + 30s, {}});
  const auto a = g.admit(start + 31s);
  BOOST_REQUIRE(a.until);
  BOOST_TEST((*a.until == start + 30s + 30s + stretched(1min)));
}

BOOST_AUTO_TEST_CASE(another_process_may_wait_longer_for_its_answers_than_we_do) {
  governor g({.limits = {{1, 1min}}}, 1, random_source(1));
  g.apply({event_kind::leave, {7, 1}, start, {}, 10min});
  g.apply({event_kind::gave_up, {7, 1}, start + 5min, {}});
  const auto a = g.admit(start + 6min);
  BOOST_REQUIRE(a.until);
  BOOST_TEST((*a.until == start + 15min + stretched(1min)));
}

BOOST_AUTO_TEST_CASE(one_of_which_no_byte_left_gives_its_token_back) {
  governor g({.limits = {{1, 1min}}}, 1, random_source(1));
  g.apply({event_kind::unsent, g.leave(start).request, start + 1s, {}});
  BOOST_TEST(g.admit(start + 1s).go);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_told_twice_counts_once) {
  governor g({.limits = {{2, 1min}}}, 1, random_source(1));
  const event leave{event_kind::leave, {7, 1}, start, {}};
  const event end{event_kind::answer, {7, 1}, start + 1s, {}};
  for (const auto& e : {leave, leave, end, end, leave, end})
    g.apply(e);
  BOOST_TEST(g.in_flight().empty());
  BOOST_TEST(g.admit(start + 2s).go);
  g.leave(start + 2s);
  BOOST_TEST(!g.admit(start + 3s).go);
}

BOOST_AUTO_TEST_CASE(what_other_processes_spend_counts) {
  governor g({.limits = {{2, 1min}}}, 1, random_source(1));
  g.apply({event_kind::leave, {7, 1}, start, {}});
  g.apply({event_kind::leave, {8, 1}, start, {}});
  BOOST_TEST(!g.admit(start).go);
  g.apply({event_kind::answer, {7, 1}, start, {}});
  BOOST_TEST(g.admit(start + stretched(1min)).go);
}

BOOST_AUTO_TEST_CASE(a_share_is_rounded_down_and_never_nothing) {
  struct row {
    unsigned share;
    std::uint64_t limit, used;
  };
  // 29 % of 100 in binary floating point is less than 29.
  for (const auto& [share, limit, used] : {row{100, 10, 10}, row{50, 10, 5}, row{29, 100, 29}, row{33, 10, 3},
                                           row{1, 10, 1}, row{57, 100, 57}, row{50, UINT64_MAX, UINT64_MAX / 2}}) {
    const governor g({.limits = {{limit, 1min}}, .share_percent = share}, 1, random_source(1));
    BOOST_TEST(g.limits().front().requests == used);
  }
}

BOOST_AUTO_TEST_SUITE_END()
