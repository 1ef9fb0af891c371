#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/server_window.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1000h};
const rate_info untold;
constexpr std::uint64_t no_cap = UINT64_MAX;
constexpr std::int64_t hour_at = 1705316400;

struct fixture {
  instant ends = start + 30min; // of the window that is on
  server_window w{30s, 65min};

  rate_info said(std::uint64_t remaining, instant now, std::uint64_t limit = 1000) const {
    return {.limit = limit, .remaining = remaining, .reset_in = ends - now, .reset_at = hour_at + (ends - start) / 1s};
  }
  /// An answer that takes no time.
  void tell(instant now, const rate_info& rate) {
    w.on_leave(now);
    w.on_answer(now, now, rate, false);
  }
  void tell(instant now, std::uint64_t remaining) { tell(now, said(remaining, now)); }
  std::uint64_t room(instant now, std::uint64_t cap = no_cap) const {
    std::uint64_t n = 0;
    while (n < 2000 && w.has_room(now, n, cap))
      ++n;
    return n;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(servers_window, fixture)

BOOST_AUTO_TEST_CASE(is_trusted_once_remaining_has_fallen_while_reset_stood_still) {
  BOOST_TEST(!w.heard());
  tell(start, 500);
  BOOST_TEST(w.heard());
  BOOST_TEST(!w.trusted(start));
  tell(start + 1s, 499);
  BOOST_TEST(w.trusted(start + 1s));
  BOOST_TEST(room(start + 1s) == 499U);
}

BOOST_AUTO_TEST_CASE(subtracts_whatever_the_remaining_cannot_have_counted_and_never_raises_it) {
  tell(start, 500);
  tell(start + 1s, 490);
  BOOST_TEST(w.has_room(start + 1s, 489, no_cap));
  BOOST_TEST(!w.has_room(start + 1s, 490, no_cap)); // in flight
  tell(start + 2s, 495);                            // overtaken on its way, or somebody's quota came back
  BOOST_TEST(room(start + 2s) == 490U);
  tell(start + 3s, untold); // counted, and not told
  BOOST_TEST(room(start + 3s) == 489U);
  w.on_lost(start + 3s, start + 4s, 30s); // may be counted for 30 s more
  BOOST_TEST(room(start + 4s) == 488U);
  tell(start + 5s, 480); // has counted the untold one, maybe not the lost one
  BOOST_TEST(room(start + 5s) == 479U);
  tell(start + 35s, 470);
  BOOST_TEST(room(start + 35s) == 470U);
}

BOOST_AUTO_TEST_CASE(an_answer_accounts_only_for_what_was_over_when_its_request_left) {
  tell(start, 500);
  tell(start + 2s, untold);
  w.on_answer(start + 1s, start + 3s, said(499, start + 3s), false);
  BOOST_TEST(room(start + 3s) == 498U);
}

BOOST_AUTO_TEST_CASE(sends_one_after_reset_and_the_rest_when_it_has_answered) {
  tell(start, 500);
  tell(start + 1s, 0);
  BOOST_TEST(room(ends) == 0U); // our clocks agree to a fraction of a second
  const auto turn = w.asks_at();
  BOOST_TEST((turn > ends));
  BOOST_TEST((turn < ends + 3s)); // nor do they drift apart by more in an hour
  BOOST_TEST(w.has_room(turn, 5, no_cap));
  w.on_leave(turn);
  BOOST_TEST(!w.has_room(turn, 0, no_cap));
  ends += 1h;
  w.on_answer(turn, turn + 1s, said(999, turn + 1s), false);
  BOOST_TEST(w.trusted(turn + 1s));
  BOOST_TEST(room(turn + 1s) == 999U);
}

BOOST_AUTO_TEST_CASE(another_goes_if_the_first_brought_no_answer) {
  tell(start, 500);
  tell(start + 1s, 0);
  const auto turn = w.asks_at();
  w.on_leave(turn);
  w.on_lost(start + 5s, turn, 30s); // of an older one
  BOOST_TEST(!w.has_room(turn, 0, no_cap));
  w.on_lost(turn, turn + 30s, 30s);
  BOOST_TEST(w.has_room(turn + 30s, 0, no_cap));
  w.on_leave(turn + 30s);
  w.on_unsent(turn + 30s);
  BOOST_TEST(w.has_room(turn + 30s, 0, no_cap));
}

BOOST_AUTO_TEST_CASE(what_was_out_at_the_turn_may_count_in_the_new_window) {
  tell(start, 500);
  tell(start + 1s, 0);
  const auto turn = w.asks_at();
  w.on_lost(start + 1s, turn - 10s, 30s); // counted until turn + 20 s
  w.on_leave(turn);
  ends += 1h;
  w.on_answer(turn, turn + 1s, said(999, turn + 1s), false);
  BOOST_TEST(room(turn + 1s) == 998U);
}

BOOST_AUTO_TEST_CASE(late_answers_of_the_window_before_change_nothing) {
  tell(start, 500);
  tell(start + 1s, 499);
  const auto before = said(498, ends + 1s);
  const auto left = ends - 1s, turn = w.asks_at();
  w.on_leave(turn);
  ends += 1h;
  w.on_answer(turn, turn + 1s, said(999, turn + 1s), false);
  auto late = before;
  late.reset_in = 1s; // by its own Date
  w.on_answer(left, turn + 2s, late, false);
  BOOST_TEST(w.trusted(turn + 2s));
  BOOST_TEST(room(turn + 2s) == 999U);
}

BOOST_AUTO_TEST_CASE(our_cap_counts_what_we_sent_in_the_window) {
  tell(start, 500);
  tell(start + 1s, 400); // others
  tell(start + 2s, untold);
  BOOST_TEST(room(start + 2s, 10) == 7U);
  tell(start + 3s, 390); // it counts the untold one, which stays ours
  BOOST_TEST(room(start + 3s, 10) == 6U);
  tell(start + 4s, 389);
  BOOST_TEST(room(start + 4s, 5) == 0U);
}

BOOST_AUTO_TEST_CASE(reset_may_wobble_by_a_second) {
  tell(start, 500);
  auto rate = said(499, start + 1s);
  ++*rate.reset_at;
  *rate.reset_in += 1s;
  tell(start + 1s, rate);
  BOOST_TEST(w.trusted(start + 1s));
}

BOOST_AUTO_TEST_CASE(seconds_from_now_hold_still_however_slow_the_answer) {
  const auto relative = [&](std::uint64_t remaining, instant said_at) {
    return rate_info{
        .limit = 1000, .remaining = remaining, .reset_in = std::chrono::ceil<std::chrono::seconds>(ends - said_at)};
  };
  w.on_answer(start, start + 1s, relative(500, start), false);
  w.on_answer(start + 1s, start + 21s, relative(499, start + 1s), false);
  w.on_answer(start + 2s, start + 22s, relative(498, start + 22s), false);
  BOOST_TEST(w.trusted(start + 22s));
  BOOST_TEST((w.asks_at() - ends < 2s));
}

BOOST_AUTO_TEST_CASE(one_that_misbehaves_is_not_heard) {
  struct row {
    const char* what;
    duration at;
    std::uint64_t remaining;
    duration reset_moves;
  };
  const row rows[] = {{"Remaining that does not fall", 2s, 500, 0s},
                      {"Remaining that rises", 2s, 600, 0s},
                      {"Reset that creeps, as in a sliding window", 2s, 498, 10s},
                      {"Reset that creeps by a minute", 2s, 498, 60s},
                      {"Reset that falls back", 2s, 498, -10min},
                      {"Reset that stands still when it is past", 30min + 5s, 498, 6s}};
  for (const auto& r : rows) {
    fixture f;
    f.tell(start, 500);
    if (r.remaining < 500) f.tell(start + 1s, 499);
    f.ends += r.reset_moves;
    f.tell(start + r.at, r.remaining);
    if (r.remaining >= 500) f.tell(start + r.at + 1s, r.remaining);
    BOOST_TEST(!f.w.heard(), r.what);

    // It gets another chance with the next window.
    const auto later = std::max(f.ends, start + r.at) + 1s;
    f.ends = later + 1h;
    f.tell(later, 999);
    BOOST_TEST(f.w.heard(), r.what);
    BOOST_TEST(!f.w.trusted(later), r.what);
    f.tell(later + 1s, 998);
    BOOST_TEST(f.w.trusted(later + 1s), r.what);
  }
}

// Were it believed, every answer that follows would look like a late one of a window before, and none would be counted.
BOOST_AUTO_TEST_CASE(one_absurd_reset_does_not_make_it_blind) {
  tell(start, 500);
  tell(start + 1s, 499);
  auto absurd = said(498, start + 2s);
  *absurd.reset_in += 24h * 200;
  *absurd.reset_at += 86400 * 200;
  tell(start + 2s, absurd);
  BOOST_TEST(!w.trusted(start + 2s)); // it moved before it was past
  tell(start + 3s, 497);
  BOOST_TEST(!w.trusted(start + 3s));
}

BOOST_AUTO_TEST_CASE(what_describes_no_long_window_is_not_heard) {
  const auto at = [](duration reset_in, std::uint64_t limit, std::uint64_t remaining) {
    return rate_info{.limit = limit, .remaining = remaining, .reset_in = reset_in};
  };
  struct row {
    const char* what;
    rate_info rate;
    bool known_long, heard;
  };
  const row rows[] = {{"an hour's", at(30min, 1000, 5), false, true},
                      {"a minute's", at(30s, 50, 5), false, false},
                      {"a minute's, rounded up", at(61s, 50, 5), false, false},
                      {"an hour's last minute, by its Limit", at(30s, 10000, 5), true, true},
                      {"more remaining than there is", at(30min, 1000, 1001), false, false},
                      {"no Limit", {.remaining = 5, .reset_in = 30min}, false, false},
                      {"no Remaining", {.limit = 1000, .reset_in = 30min}, false, false},
                      {"no Reset, or one that is past", {.limit = 1000, .remaining = 5}, false, false},
                      {"nothing", {}, false, false}};
  for (const auto& r : rows) {
    server_window one(30s, 65min);
    one.on_answer(start, start, r.rate, r.known_long);
    BOOST_TEST(one.heard() == r.heard, r.what);
  }
}

BOOST_AUTO_TEST_CASE(if_the_new_window_is_not_described_our_own_count_takes_over) {
  for (const bool other_limit : {false, true}) {
    fixture f;
    f.tell(start, 500);
    f.tell(start + 1s, 0);
    const auto turn = f.w.asks_at();
    f.w.on_leave(turn);
    f.w.on_answer(turn, turn + 1s, other_limit ? f.said(49, turn - 1h, 50) : rate_info{}, false);
    BOOST_TEST(!f.w.heard());
  }
}

BOOST_AUTO_TEST_CASE(the_minutes_answers_in_between_do_not_disturb_the_hours) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto now = start + i * 1s;
    tell(now, i % 2 == 0 ? said(500 - i, now) : rate_info{.limit = 50, .remaining = 50 - i, .reset_in = 60s});
  }
  BOOST_TEST(w.trusted(start + 50s));
  BOOST_TEST(room(start + 50s) == 451U);
}

BOOST_AUTO_TEST_SUITE_END()
