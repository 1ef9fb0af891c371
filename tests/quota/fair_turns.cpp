#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/fair_turns.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <map>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant t{1000h};
constexpr limit ten{10, 1min};

struct fixture {
  fair_turns turns;
  std::map<std::uint64_t, std::uint64_t> serials;

  void leave(std::uint64_t process, instant now, int times = 1) {
    for (int i = 0; i < times; ++i)
      turns.apply({event_kind::leave, {process, ++serials[process]}, now, {}});
  }
  void want(std::uint64_t process, instant now) { turns.apply(turns.want(process, now)); }
  [[nodiscard]] bool may_go(std::uint64_t process, instant now, const limit& l = ten) const {
    return !turns.goes_before(process, now, l);
  }
  /// Gives `tokens` to processes 1 to 4, which all ask again and again, the last of them first.
  std::array<int, 5> hand_out(int tokens, instant now) {
    std::array<int, 5> got{};
    while (tokens > 0)
      for (std::uint64_t process = 4; process >= 1; --process) {
        want(process, now);
        if (tokens == 0 || !may_go(process, now)) continue;
        leave(process, now += 1ms);
        ++got[process];
        --tokens;
      }
    return got;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(fair_turn, fixture)

BOOST_AUTO_TEST_CASE(alone_it_is_always_ones_turn) {
  BOOST_TEST(may_go(1, t));
  leave(1, t, 9);
  want(1, t);
  BOOST_TEST(may_go(1, t));
  BOOST_TEST(!turns.has_company(1, t - 1min));
}

BOOST_AUTO_TEST_CASE(who_took_the_fewest_goes_first) {
  leave(1, t, 3);
  leave(2, t, 2);
  leave(3, t, 4);
  for (const std::uint64_t process : {1U, 2U, 3U})
    want(process, t);
  BOOST_TEST(may_go(2, t));
  for (const std::uint64_t process : {1U, 3U}) {
    const auto first = turns.goes_before(process, t, ten);
    BOOST_REQUIRE(first.has_value());
    BOOST_TEST((*first == request_id{2, 2}));
  }
  BOOST_TEST(may_go(4, t)); // it took none, though it has not said that it waits
}

BOOST_AUTO_TEST_CASE(who_does_not_wait_holds_nobody_up) {
  leave(1, t, 5);
  leave(2, t);
  BOOST_TEST(may_go(1, t));
  want(2, t);
  BOOST_TEST(!may_go(1, t));
  leave(2, t);
  BOOST_TEST(may_go(1, t)); // until it says again that it waits
  want(2, t);
  turns.apply({event_kind::passed_over, {2, 2}, t, {}});
  BOOST_TEST(!turns.wants(2));
  BOOST_TEST(may_go(1, t));
  want(2, t);
  BOOST_TEST(!may_go(1, t));
}

BOOST_AUTO_TEST_CASE(what_was_taken_before_the_window_does_not_count) {
  leave(1, t, 5);
  leave(2, t + 1s, 2);
  want(1, t + 1s);
  want(2, t + 1s);
  BOOST_TEST(may_go(2, t + 59s));
  BOOST_TEST(!may_go(1, t + 59s));
  BOOST_TEST(may_go(1, t + 1min));
  BOOST_TEST(!may_go(2, t + 1min));
  turns.forget_before(t);
  BOOST_TEST(!may_go(2, t + 1min));
}

BOOST_AUTO_TEST_CASE(a_handful_goes_round_from_window_to_window) {
  std::array<int, 5> got{};
  for (int window = 0; window < 6; ++window) {
    const auto now = hand_out(10, t + window * 61s);
    for (std::size_t process = 1; process <= 4; ++process) {
      BOOST_TEST((now[process] == 2 || now[process] == 3));
      got[process] += now[process];
    }
  }
  for (std::size_t process = 1; process <= 4; ++process)
    BOOST_TEST(got[process] == 15);
}

BOOST_AUTO_TEST_CASE(at_high_rates_one_may_run_ahead_by_a_part_of_its_share) {
  constexpr limit fast{2000, 1s};
  want(1, t);
  want(2, t);
  int ahead = 0;
  for (; may_go(1, t, fast); ++ahead)
    leave(1, t);
  BOOST_TEST(ahead == 50);
  for (const std::uint64_t process : {3U, 4U})
    want(process, t);
  BOOST_TEST(!may_go(1, t, fast));
  ahead = 0;
  for (; may_go(5, t, fast); ++ahead)
    leave(5, t);
  BOOST_TEST(ahead == 25); // four wait, and it
}

BOOST_AUTO_TEST_CASE(what_was_told_before_ends_no_want) {
  leave(1, t, 2);
  want(2, t);
  leave(2, t);
  want(2, t);
  turns.apply({event_kind::leave, {2, 1}, t, {}});
  BOOST_TEST(turns.wants(2));
  turns.apply({event_kind::answer, {2, 1}, t, {}});
  BOOST_TEST(turns.wants(2));
  BOOST_TEST(!may_go(1, t));
}

BOOST_AUTO_TEST_CASE(company_is_who_waits_or_took_something_lately) {
  leave(2, t);
  BOOST_TEST(turns.has_company(1, t - 1s));
  BOOST_TEST(!turns.has_company(1, t));
  BOOST_TEST(!turns.has_company(2, t - 1s));
  want(2, t);
  BOOST_TEST(turns.has_company(1, t + 1h));
}

BOOST_AUTO_TEST_SUITE_END()
