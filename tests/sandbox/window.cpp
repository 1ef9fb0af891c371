#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/sandbox/rate_limiter.hpp>
#include <mcbatch/sandbox/window.hpp>

#include <chrono>
#include <random>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using namespace std::chrono_literals;

namespace {

// 2024-01-15 10:30:00 UTC: half an hour before the Reset in the vendor's example.
const wall_time half_past_ten{std::chrono::seconds(1705314600)};

/// Both clocks, `t` after half past ten.
now_pair at(duration t) {
  return {instant(1000s + t), half_past_ten + std::chrono::floor<std::chrono::microseconds>(t)};
}

/// One request of a script: when it comes, whether it is admitted, what is left then, and when more comes.
struct arrival {
  duration t;
  bool admitted;
  std::uint64_t remaining;
  duration until_more;
};

void play(rate_limiter& limiter, const std::vector<arrival>& script) {
  for (const auto& [t, admitted, remaining, until_more] : script) {
    BOOST_TEST_CONTEXT("at " << t.count() << " ns") {
      limiter.advance(at(t));
      BOOST_TEST(limiter.admit() == admitted);
      BOOST_TEST(limiter.describe(true)->remaining == remaining);
      BOOST_TEST(limiter.describe(true)->until_reset.count() == until_more.count());
    }
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(windows)

BOOST_AUTO_TEST_CASE(fixed_counts_anew_on_the_full_minute) {
  rate_limiter limiter(window_kind::fixed, {{2, 60s}});
  play(limiter, {{10s, true, 1, 50s},
                 {59s, true, 0, 1s},
                 {60s - 1us, false, 0, 1us},
                 {60s, true, 1, 60s},
                 {61s, true, 0, 59s},
                 {62s, false, 0, 58s},
                 {180s, true, 1, 60s}});
}

BOOST_AUTO_TEST_CASE(fixed_hour_ends_on_the_full_hour) {
  rate_limiter limiter(window_kind::fixed, {{1, 1h}});
  play(limiter, {{0s, true, 0, 30min}, {30min - 1us, false, 0, 1us}, {30min, true, 0, 1h}});
}

BOOST_AUTO_TEST_CASE(fixed_does_not_hand_out_a_window_twice_when_the_clock_is_set_back) {
  const auto w = make_window(window_kind::fixed, {1, 60s});
  w->advance({instant(1000s), half_past_ten});
  w->count(true);
  w->advance({instant(1001s), half_past_ten - 1min});
  BOOST_TEST(w->remaining() == 0U);
  w->advance({instant(1122s), half_past_ten + 1min});
  BOOST_TEST(w->remaining() == 1U);
}

BOOST_AUTO_TEST_CASE(sliding_forgets_a_request_exactly_one_window_later) {
  rate_limiter limiter(window_kind::sliding, {{2, 60s}});
  play(limiter, {{0s, true, 1, 60s}, {10s, true, 0, 50s}, {60s, true, 0, 10s}, {70s, true, 0, 50s}});
}

BOOST_AUTO_TEST_CASE(sliding_counts_refused_requests_and_its_reset_says_so) {
  rate_limiter limiter(window_kind::sliding, {{2, 60s}});
  play(limiter, {{0s, true, 1, 60s},
                 {10s, true, 0, 50s},
                 {60s - 1ns, false, 0, 10s + 1ns},  // three within the window: two have to leave it
                 {65s, false, 0, 55s - 1ns},        // the first has left; still three
                 {120s - 1ns, true, 0, 5s + 1ns}}); // one left at that very instant
}

BOOST_AUTO_TEST_CASE(a_bucket_starts_full_and_refills_evenly) {
  rate_limiter limiter(window_kind::bucket, {{3, 60s}});
  play(limiter, {{0s, true, 2, 20s},
                 {0s, true, 1, 20s},
                 {0s, true, 0, 20s},
                 {20s - 1ns, false, 0, 1ns}, // refused: it takes nothing
                 {20s, true, 0, 20s},
                 {70s, true, 1, 10s},  // two and a half had come back
                 {1h, true, 2, 20s}}); // no more than three ever
}

BOOST_AUTO_TEST_CASE(a_bucket_lets_a_naive_client_have_twice_the_limit_in_its_first_window) {
  rate_limiter limiter(window_kind::bucket, {{10, 60s}});
  int admitted = 0;
  for (duration t = 0s; t <= 60s; t += 1s) {
    limiter.advance(at(t));
    admitted += limiter.admit() ? 1 : 0;
  }
  BOOST_TEST(admitted == 20);
}

BOOST_AUTO_TEST_CASE(a_bucket_is_exact_where_the_refill_is_no_whole_number_of_nanoseconds) {
  rate_limiter limiter(window_kind::bucket, {{7, 1s}});
  for (int i = 0; i < 7; ++i)
    limiter.admit();
  BOOST_TEST(limiter.describe(true)->until_reset.count() == 142'857'143); // a seventh of a second, rounded up
  // After a whole window, in odd steps, exactly seven have come back.
  for (duration t = 0ns; t < 1s; t += 999'983ns)
    limiter.advance(at(t));
  limiter.advance(at(1s - 1ns));
  BOOST_TEST(limiter.describe(true)->remaining == 6U);
  limiter.advance(at(1s));
  BOOST_TEST(limiter.describe(true)->remaining == 7U);
}

BOOST_AUTO_TEST_CASE(one_full_window_refuses_and_the_others_count_the_refused) {
  const struct {
    window_kind kind;
    std::uint64_t left_of_the_hour;
  } rows[] = {{window_kind::fixed, 97}, {window_kind::sliding, 97}, {window_kind::bucket, 98}};
  for (const auto& [kind, left] : rows) {
    rate_limiter limiter(kind, {{100, 1h}, {2, 60s}});
    limiter.advance(at(0s));
    BOOST_TEST(limiter.admit());
    BOOST_TEST(limiter.admit());
    BOOST_TEST(!limiter.admit());
    BOOST_TEST(limiter.describe(true)->limit == 2U);
    BOOST_TEST(limiter.describe(false)->limit == 100U);
    BOOST_TEST(limiter.describe(false)->remaining == left);
    BOOST_TEST(limiter.describe_strictest()->limit == 2U);
  }
}

// Whatever a client did before: who then waits as long as it is told gets in, and not a nanosecond (of the wall clock,
// a microsecond) earlier.
BOOST_AUTO_TEST_CASE(who_waits_until_admitted_gets_in_and_not_before) {
  for (const auto kind : {window_kind::fixed, window_kind::sliding, window_kind::bucket}) {
    const duration tick = kind == window_kind::fixed ? duration(1us) : duration(1ns);
    std::mt19937_64 random(7);
    rate_limiter limiter(kind, {{5, 10s}, {20, 60s}});
    duration t{};
    int waits = 0;
    for (int i = 0; i < 2000; ++i) {
      t += std::chrono::microseconds(random() % 3'000'000);
      limiter.advance(at(t));
      if (limiter.admit()) continue;
      const duration wait = limiter.until_admitted();
      BOOST_REQUIRE(wait > duration::zero());
      limiter.advance(at(t + wait - tick));
      BOOST_TEST(limiter.until_admitted() > duration::zero());
      t += std::chrono::ceil<std::chrono::microseconds>(wait);
      limiter.advance(at(t));
      BOOST_TEST(limiter.until_admitted().count() == 0);
      ++waits;
    }
    BOOST_TEST(waits > 100);
  }
}

BOOST_AUTO_TEST_CASE(kinds_are_named) {
  BOOST_TEST((window_kind_from_string("fixed") == window_kind::fixed));
  BOOST_TEST((window_kind_from_string("sliding") == window_kind::sliding));
  BOOST_TEST((window_kind_from_string("bucket") == window_kind::bucket));
  BOOST_TEST(!window_kind_from_string("Fixed"));
}

BOOST_AUTO_TEST_SUITE_END()
