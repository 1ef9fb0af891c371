#define BOOST_TEST_DYN_LINK
#include <mcbatch/report/chart_clock.hpp>
#include <mcbatch/report/history.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iterator>
#include <numeric>

using namespace mcbatch;
using namespace mcbatch::report;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{std::chrono::seconds(1705320000)};
const std::vector<limit_use> minute{{{200, 60s}, std::nullopt}};

std::uint64_t sum(const std::vector<std::uint64_t>& column) {
  return std::accumulate(column.begin(), column.end(), std::uint64_t{0});
}

} // namespace

BOOST_AUTO_TEST_SUITE(history_)

BOOST_AUTO_TEST_CASE(slices_begin_on_full_ones_and_each_column_has_a_value_for_each) {
  history h({60s});
  h.sent(noon + 400ms);
  h.answered(noon + 1200ms, try_end::accepted, 800ms);
  h.sent(noon + 3s);
  h.answered(noon + 4s, try_end::in_doubt, std::nullopt);
  const auto r = h.requests(minute);
  BOOST_TEST((r.start == noon));
  BOOST_TEST((r.slice == 1s));
  BOOST_TEST((r.sent == std::vector<std::uint64_t>{1, 0, 0, 1, 0}));
  BOOST_TEST((r.accepted == std::vector<std::uint64_t>{0, 1, 0, 0, 0}));
  BOOST_TEST((r.in_doubt == std::vector<std::uint64_t>{0, 0, 0, 0, 1}));
  BOOST_TEST((r.windows == std::vector<std::vector<std::uint64_t>>{{1, 1, 1, 2, 2}}));
  BOOST_TEST_REQUIRE(r.latency.size() == 5u);
  BOOST_TEST(!r.latency[0].has_value());
  BOOST_TEST((r.latency[1]->max == 800ms));
  BOOST_TEST((h.latency()->max == 800ms));
}

BOOST_AUTO_TEST_CASE(a_window_that_slides_holds_what_left_within_its_length_and_no_more) {
  history h({60s});
  // 200 at once, and the next 200 a moment after the first have left the window: never more than 200.
  for (int burst = 0; burst < 5; ++burst)
    for (int i = 0; i < 200; ++i)
      h.sent(noon + burst * 60s + std::chrono::milliseconds(burst * 60 + i / 4));
  const auto column = h.requests(minute).windows.at(0);
  BOOST_TEST(*std::max_element(column.begin(), column.end()) == 200u);
  BOOST_TEST(column.at(30) == 200u); // nothing was sent then; they are in the window all the same
}

BOOST_AUTO_TEST_CASE(a_window_holds_what_others_sent_before_and_no_slice_does) {
  history h({60s});
  h.remember(noon - 30s, 150);
  h.sent(noon);
  h.sent(noon + 45s);
  const auto r = h.requests(minute);
  BOOST_TEST((r.start == noon));
  BOOST_TEST(sum(r.sent) == 2u);
  BOOST_TEST(r.windows.at(0).front() == 151u);
  BOOST_TEST(r.windows.at(0).back() == 2u);
}

BOOST_AUTO_TEST_CASE(an_answer_about_a_conversion_is_no_end_of_a_try) {
  history h({60s});
  h.sent(noon);
  h.answered(noon, try_end::told, 80ms);
  const auto r = h.requests(minute);
  BOOST_TEST(sum(r.told) == 1u);
  BOOST_TEST(sum(r.accepted) + sum(r.rejected) + sum(r.in_doubt) + sum(r.rate_limited) + sum(r.put_back) == 0u);
  BOOST_TEST((h.latency()->max == 80ms));
}

BOOST_AUTO_TEST_CASE(a_window_empties_in_the_slices_after_the_last_request) {
  history h({10s});
  h.sent(noon);
  h.answered(noon + 20s, try_end::accepted, 20s);
  const auto column = h.requests({{{5, 10s}, std::nullopt}}).windows.at(0);
  BOOST_TEST_REQUIRE(column.size() == 21u);
  BOOST_TEST(column[9] == 1u);
  BOOST_TEST(column[10] == 0u);
  BOOST_TEST(column[20] == 0u);
}

BOOST_AUTO_TEST_CASE(however_long_it_goes_on_there_are_no_more_slices_and_nothing_is_lost) {
  history h({60s});
  constexpr int requests = 20'000;
  for (int i = 0; i < requests; ++i) {
    const auto at = noon + i * 43s; // ten days
    h.sent(at);
    h.answered(at + 200ms, i % 10 == 0 ? try_end::rejected : try_end::accepted, 200ms);
    h.ended(at + 90s, i % 7 == 0 ? conversion_state::failed : conversion_state::completed);
  }
  const auto r = h.requests(minute);
  BOOST_TEST(r.sent.size() <= 720u);
  BOOST_TEST(r.sent.size() > 140u);
  BOOST_TEST((r.slice == 30min));
  BOOST_TEST(r.start.time_since_epoch() % r.slice == 0s);
  BOOST_TEST(sum(r.sent) == 20'000u);
  BOOST_TEST(sum(r.accepted) == 18'000u);
  BOOST_TEST(sum(r.rejected) == 2'000u);
  for (const auto* column : {&r.accepted, &r.rejected, &r.in_doubt, &r.rate_limited, &r.put_back, &r.windows.at(0)})
    BOOST_TEST(column->size() == r.sent.size());
  BOOST_TEST(r.windows[0].at(100) == 2u);
  const auto e = h.ended_conversions();
  BOOST_TEST(sum(e.completed) + sum(e.failed) == 20'000u);
  BOOST_TEST(sum(e.failed) == 2'858u);
}

BOOST_AUTO_TEST_CASE(an_end_before_all_others_makes_room_at_the_front) {
  history h({});
  h.ended(noon + 5s, conversion_state::completed);
  h.ended(noon, conversion_state::cancelled);
  const auto e = h.ended_conversions();
  BOOST_TEST((e.start == noon));
  BOOST_TEST((e.completed == std::vector<std::uint64_t>{0, 0, 0, 0, 0, 1}));
  BOOST_TEST((e.cancelled == std::vector<std::uint64_t>{1, 0, 0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_is_not_followed) {
  history h({60s});
  h.sent(noon);
  h.sent(noon - 1h);
  const auto r = h.requests(minute);
  BOOST_TEST((r.sent == std::vector<std::uint64_t>{2}));
  BOOST_TEST(r.windows.at(0).at(0) == 2u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_while_much_is_sent_spoils_no_chart) {
  constexpr instant began{};
  const chart_clock clock({began, noon});
  const auto civil = [&](instant at) { // it is set back by an hour, and long after by a day
    const auto set = at < began + 10s ? 0s : at < began + 90s ? -3600s : -90'000s;
    return now_pair{at, noon + std::chrono::duration_cast<wall_time::duration>(at.time_since_epoch()) + set};
  };
  history h({60s});
  for (int i = 0; i < 1200; ++i)
    h.sent(clock.at(began + i * 100ms));
  auto r = h.requests(minute);
  BOOST_TEST(r.sent.size() == 120u);
  BOOST_TEST((r.slice == 1s));
  BOOST_TEST(*std::ranges::max_element(r.sent) == 10u);
  BOOST_TEST(*std::ranges::max_element(r.windows.at(0)) == 600u);
  // It is shown by the clock of now, and ends then.
  const auto now = civil(began + 120s);
  h.reach(clock.at(now.mono));
  r = h.requests(minute);
  BOOST_TEST((r.start + clock.shift(now) + std::ssize(r.sent) * r.slice == now.wall + r.slice));
  BOOST_TEST((clock.shift(civil(began + 5s)) == 0s));
}

BOOST_AUTO_TEST_CASE(what_has_begun_goes_on_until_now_though_nothing_happens) {
  history h({10s});
  h.reach(noon); // nothing has begun
  BOOST_TEST(h.requests(minute).sent.empty());
  h.sent(noon);
  h.ended(noon + 1s, conversion_state::completed);
  h.reach(noon + 20s);
  const auto r = h.requests({{{5, 10s}, std::nullopt}});
  BOOST_TEST(r.sent.size() == 21u);
  BOOST_TEST(sum(r.sent) == 1u);
  BOOST_TEST(r.windows.at(0).at(9) == 1u);
  BOOST_TEST(r.windows.at(0).at(10) == 0u);
  BOOST_TEST(h.ended_conversions().completed.size() == 20u);
  h.sent(noon + 25s);
  BOOST_TEST(h.requests({{{5, 10s}, std::nullopt}}).windows.at(0).back() == 1u);
}

BOOST_AUTO_TEST_CASE(of_nothing_there_is_no_slice) {
  const history h({60s});
  BOOST_TEST(h.requests(minute).sent.empty());
  BOOST_TEST(h.ended_conversions().completed.empty());
  BOOST_TEST(!h.latency().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
