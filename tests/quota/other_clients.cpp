#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/other_clients.hpp>

#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1000h};

/// A minute of a thousand, as an answer describes it that left at a time and came at once.
struct fixture {
  other_clients others{65min};
  spend_log ours;

  void answer(instant now, std::uint64_t remaining, duration reset_in) {
    ours.leave();
    ours.settle(now);
    others.on_answer(now, now, {.limit = 1000, .remaining = remaining, .reset_in = reset_in}, 1min, ours, false);
  }
  [[nodiscard]] bool may_leave(instant now) const { return others.free_from(now, ours) == now; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(others_on_the_account, fixture)

BOOST_AUTO_TEST_CASE(what_we_spent_ourselves_is_nobody_elses) {
  for (std::uint64_t n = 1; n <= 100; ++n)
    answer(start + n * 10ms, 1000 - n, 50s);
  BOOST_TEST(others.per_second(start + 2s) == 0);
  BOOST_TEST(others.reserve(start + 2s, 1min) == 0U);
}

BOOST_AUTO_TEST_CASE(what_nobody_of_us_spent_is_theirs_for_ten_minutes) {
  answer(start, 399, 30s); // 600 in a minute that are not ours
  BOOST_TEST(others.per_second(start) == 10);
  BOOST_TEST(others.reserve(start, 1s) == 21U); // ten, and hardly ever more than eleven beside
  BOOST_TEST(others.per_second(start + 11min) == 0);
}

BOOST_AUTO_TEST_CASE(they_are_left_what_they_will_want_until_reset) {
  answer(start, 399, 30s); // they want some 300 more
  std::uint64_t free = 0;
  for (; may_leave(start); ++free)
    ours.leave();
  BOOST_TEST(free >= 90U);
  BOOST_TEST(free <= 99U);
}

BOOST_AUTO_TEST_CASE(one_at_a_time_goes_to_see_whether_they_want_less) {
  answer(start, 200, 30s); // they want 400 more of it
  BOOST_TEST(!may_leave(start));
  const auto looks = others.free_from(start, ours);
  BOOST_REQUIRE(looks);
  BOOST_TEST((*looks > start));
  BOOST_TEST((*looks < start + 30s));
  ours.leave();
  BOOST_TEST(!others.free_from(*looks, ours)); // the others wait for its answer
}

BOOST_AUTO_TEST_CASE(what_is_used_up_is_waited_for_until_reset_and_then_one_asks) {
  answer(start, 0, 30s);
  const auto turns = others.free_from(start, ours);
  BOOST_REQUIRE(turns);
  BOOST_TEST((*turns >= start + 30s));
  BOOST_TEST((*turns <= start + 60s));
  BOOST_TEST(may_leave(*turns));
  ours.leave();
  BOOST_TEST(!others.free_from(*turns, ours));
}

BOOST_AUTO_TEST_CASE(no_word_holds_for_longer_than_the_window_or_the_longest_wait) {
  answer(start, 0, 24h);
  BOOST_TEST((*others.free_from(start, ours) <= start + 80s));
  others = other_clients(5s);
  answer(start + 10min, 0, 24h);
  BOOST_TEST((*others.free_from(start + 10min, ours) <= start + 10min + 5s));
}

BOOST_AUTO_TEST_CASE(who_is_asked_and_says_nothing_is_asked_no_more) {
  answer(start, 0, 30s);
  const auto turns = *others.free_from(start, ours);
  ours.leave();
  BOOST_TEST(!others.free_from(turns, ours));
  others.drop_old_words(turns, 10000); // the answer spoke of another window
  BOOST_TEST(may_leave(turns));
}

BOOST_AUTO_TEST_CASE(a_remaining_that_never_changes_tells_nothing) {
  for (int i = 0; i < 9; ++i)
    answer(start + i * 1s, 0, 30s);
  BOOST_TEST(may_leave(start + 8s));
  answer(start + 9s, 1, 30s);
  answer(start + 10s, 0, 30s);
  BOOST_TEST(!may_leave(start + 10s));
}

BOOST_AUTO_TEST_SUITE_END()
