#define BOOST_TEST_DYN_LINK
#include "quota/simulation.hpp"

#include <mcbatch/quota/gate.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace mcbatch::quota::test;
using namespace std::chrono_literals;

namespace {

constexpr instant t{1000h};

duration wait_after(const rate_info& rate, duration window, duration max_backoff, std::uint64_t seed) {
  gate g(max_backoff);
  random_source random(seed);
  g.on_refusal(t, rate, window, random);
  return g.shut_until() - t;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pauses)

BOOST_AUTO_TEST_CASE(waits_for_what_the_429_asks_and_a_second_and_jitters_only_upwards) {
  struct row {
    const char* what;
    rate_info rate;
    duration least;
  };
  const row rows[] = {
      {"Retry-After wins over Reset", {.reset_in = 50s, .retry_after = 20s}, 21s},
      {"also where it is the longer one", {.reset_in = 5s, .retry_after = 20s}, 21s},
      {"Reset", {.reset_in = 50s}, 51s},
      {"the window, if there is neither", {}, 61s},
      {"Retry-After of nothing", {.reset_in = 50s, .retry_after = 0s}, 1s},
      {"the jitter of a long wait is seconds", {.retry_after = 1h}, 3601s},
      {"never beyond the user's bound", {.retry_after = 24h * 300}, 65min},
      {"a window of which nothing remains", {.reset_in = 40min, .exhausted_for = 20s}, 21s},
      {"after Retry-After", {.retry_after = 5s, .exhausted_for = 20s}, 6s},
      {"Reset of a window that is used up", {.remaining = 0, .reset_in = 40min}, 2401s},
      {"not of one that has room", {.remaining = 4000, .reset_in = 40min}, 61s},
      {"nor of one without a limit", {.unlimited = true, .reset_in = 40min}, 61s},
      {"Retry-After, whatever remains", {.remaining = 4000, .reset_in = 40min, .retry_after = 20s}, 21s},
      {"longer than any clock counts", {.retry_after = duration::max()}, 65min},
  };
  for (const auto& r : rows) {
    std::vector<duration> waits;
    for (std::uint64_t seed = 1; seed <= 50; ++seed)
      waits.push_back(wait_after(r.rate, 1min, 65min, seed));
    const auto [shortest, longest] = std::ranges::minmax(waits);
    BOOST_TEST((shortest >= r.least), r.what);
    BOOST_TEST((longest <= std::min<duration>(65min, r.least + std::min<duration>(r.least / 20, 5s))), r.what);
    if (r.least < 65min) BOOST_TEST((longest > shortest), r.what << ": no jitter");
  }
  BOOST_TEST((wait_after({.retry_after = 1h}, 1min, 10s, 1) == 10s));
}

BOOST_AUTO_TEST_CASE(those_that_were_out_when_it_shut_do_not_shorten_it) {
  gate g(65min);
  random_source random(1);
  g.on_refusal(t, {.retry_after = 100s}, 1min, random);
  const auto until = g.shut_until();
  g.on_refusal(t + 1s, {.retry_after = 1s}, 1min, random);
  BOOST_TEST((g.shut_until() == until));
}

// The minute's 429 with the hour's headers must not cost the rest of the hour; but where the next one says the same, it
// may be the headers' Remaining that is wrong.
BOOST_AUTO_TEST_CASE(reset_of_a_window_that_has_room_is_waited_for_only_after_another_window_was) {
  const rate_info has_room{.remaining = 4000, .reset_in = 40min};
  gate g(65min);
  random_source random(1);
  auto now = t;
  const auto wait = [&](const rate_info& rate) {
    g.on_refusal(now, rate, 1min, random);
    return g.shut_until() - now;
  };
  const auto opened = [&] { now = g.shut_until() + 100ms; };
  BOOST_TEST((wait(has_room) < 65s));
  now += 1s; // this one left before the pause: it tells nothing of what the pause is good for
  BOOST_TEST((wait(has_room) < 65s));
  opened();
  BOOST_TEST((wait(has_room) >= 40min));
  opened();
  BOOST_TEST((wait(has_room) >= 40min));
  g.on_answer();
  opened();
  BOOST_TEST((wait(has_room) < 65s));

  // What was waited for in a row before was no window.
  g.on_answer();
  opened();
  BOOST_TEST((wait({.retry_after = 1s}) < 3s));
  opened();
  BOOST_TEST((wait(has_room) < 65s));
  opened();
  BOOST_TEST((wait({.retry_after = 1s}) < 65s)); // Retry-After wins always
}

BOOST_AUTO_TEST_CASE(refusals_in_a_row_make_no_tight_loop) {
  gate g(65min);
  random_source random(1);
  auto now = t;
  std::vector<duration> waits;
  for (int i = 0; i < 12; ++i) {
    g.on_refusal(now, {.retry_after = 0s}, 1min, random);
    waits.push_back(g.shut_until() - now);
    now = g.shut_until() + 100ms;
  }
  BOOST_TEST((waits.front() >= 1s));
  BOOST_TEST((waits.back() >= 1min));
  BOOST_TEST((std::ranges::max(waits) < 70s));
  g.on_answer();
  g.on_refusal(now, {.retry_after = 0s}, 1min, random);
  BOOST_TEST((g.shut_until() - now < 2s));
}

BOOST_AUTO_TEST_CASE(a_server_that_only_refuses_is_asked_once_a_minute) {
  governor g({.ceiling = tier::pro}, 1, random_source(1));
  simulation s(
      g, {},
      [](instant) {
        return answer{true, {.retry_after = 0s}};
      },
      random_source(2));
  s.run_until(start + 1h);
  BOOST_TEST(s.left().size() < 75U);
  BOOST_TEST(s.left().size() > 50U);
}

BOOST_AUTO_TEST_CASE(no_header_stalls_a_run_for_longer_than_the_user_allows) {
  const rate_info absurd[] = {
      {.limit = 10000, .remaining = 0, .reset_in = 24h * 300, .reset_at = 1'900'000'000},
      {.limit = 10000, .remaining = 0, .reset_in = 24h * 300, .retry_after = 24h * 300},
      {.limit = 1000, .remaining = 0, .reset_in = 24h * 300},
  };
  for (const auto& rate : absurd)
    for (const bool refuses : {false, true}) {
      governor g({.ceiling = tier::pro, .max_backoff = 5min}, 1, random_source(1));
      simulation s(
          g, {1ms, 0, 1},
          [&](instant) {
            return answer{refuses, rate};
          },
          random_source(2));
      s.run_until(start + 3h);
      const auto& left = s.left();
      BOOST_REQUIRE(left.size() > 2U);
      auto longest = start + 3h - left.back();
      for (std::size_t i = 1; i < left.size(); ++i)
        longest = std::max(longest, left[i] - left[i - 1]);
      BOOST_TEST((longest <= 5min + 1s), "refuses: " << refuses << ", longest wait: " << longest / 1s << " s");
    }
}

// Someone else has taken part of the account, or the rule is stricter than documented.
BOOST_AUTO_TEST_CASE(an_unexpected_429_shrinks_the_limit_which_regrows_slowly) {
  governor g({.limits = {{100, 1min}}}, 1, random_source(1));
  const auto room = [&](instant now) {
    auto copy = g;
    int n = 0;
    for (; copy.admit(now).go; ++n)
      copy.apply({event_kind::answer, copy.leave(now).request, now, {}});
    return n;
  };
  for (int i = 0; i < 50; ++i)
    g.apply({event_kind::answer, g.leave(start).request, start, {}});
  g.apply({event_kind::refusal, g.leave(start).request, start, {}});
  const auto opens = *g.admit(start).until;
  BOOST_TEST(room(opens) >= 20);
  BOOST_TEST(room(opens) <= 47); // nine tenths of 51, less what is left to them for the next minutes
  BOOST_TEST(room(opens + 20min) > 60);
  BOOST_TEST(room(opens + 20min) < 75); // no header tells whether they have gone
  BOOST_TEST(room(opens + 60min) == 100);

  // The one that goes first is refused for what was spent before: that shrinks nothing.
  g.apply({event_kind::refusal, g.leave(opens).request, opens, {}});
  BOOST_TEST(room(*g.admit(opens).until) >= 20);
}

BOOST_AUTO_TEST_CASE(another_process_makes_the_same_of_the_same_events) {
  governor ours({.limits = {{100, 1min}}}, 1, random_source(1)), theirs({.limits = {{100, 1min}}}, 2, random_source(2));
  const auto tell = [&](const event& e) {
    ours.apply(e);
    theirs.apply(e);
  };
  for (int i = 0; i < 50; ++i) {
    const auto e = ours.leave(start);
    theirs.apply(e);
    tell({event_kind::answer, e.request, start, {}});
  }
  const auto e = ours.leave(start);
  theirs.apply(e);
  tell({event_kind::refusal, e.request, start, {}});
  const auto later = start + 3min;
  theirs.apply({event_kind::answer, theirs.leave(later).request, later, {}});
  int n = 1;
  for (; theirs.admit(later).go; ++n)
    theirs.apply({event_kind::answer, theirs.leave(later).request, later, {}});
  BOOST_TEST(n < 90);
}

BOOST_AUTO_TEST_CASE(a_429_of_the_hour_shrinks_the_hour) {
  governor g({.ceiling = tier::pro}, 1, random_source(1));
  for (int i = 0; i < 100; ++i)
    g.apply({event_kind::answer, g.leave(start).request, start, {}});
  g.apply({event_kind::refusal, g.leave(start).request, start, {.retry_after = 30min}});
  const auto opens = *g.admit(start).until;
  g.apply({event_kind::answer, g.leave(opens).request, opens, {}});
  // The hour is down to a tenth of its 10,000, and regrows a tenth an hour; the minute is whole.
  int n = 1;
  for (; g.admit(opens).go; ++n)
    g.apply({event_kind::answer, g.leave(opens).request, opens, {}});
  BOOST_TEST(n == 200);
}

BOOST_AUTO_TEST_CASE(a_429_whose_hour_has_room_shrinks_the_minute) {
  governor g({.ceiling = tier::pro}, 1, random_source(1));
  for (int i = 0; i < 100; ++i)
    g.apply({event_kind::answer, g.leave(start).request, start, {}});
  const rate_info hour{.limit = 10000, .remaining = 4000, .reset_in = 40min};
  g.apply({event_kind::refusal, g.leave(start).request, start, hour});
  const auto opens = *g.admit(start).until;
  BOOST_TEST((opens < start + 65s));
  g.apply({event_kind::answer, g.leave(opens).request, opens, {}});
  int n = 1;
  for (; g.admit(opens).go; ++n)
    g.apply({event_kind::answer, g.leave(opens).request, opens, {}});
  BOOST_TEST(n < 120); // 90 and a minute's regrowth
}

BOOST_AUTO_TEST_CASE(a_429_shrinks_what_there_is_where_no_window_is_as_long_as_it_asks) {
  governor g({.limits = {{100, 2h}}}, 1, random_source(1));
  for (int i = 0; i < 50; ++i)
    g.apply({event_kind::answer, g.leave(start).request, start, {}});
  g.apply({event_kind::refusal, g.leave(start).request, start, {.retry_after = 10s}});
  BOOST_TEST((g.admit(*g.admit(start).until).why == wait_for::window));
}

BOOST_AUTO_TEST_SUITE_END()
