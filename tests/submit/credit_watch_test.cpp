#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/submit/credit_watch.hpp>

#include <limits>

namespace mcbatch::submit {
namespace {

using namespace std::chrono_literals;

const instant start{1h};

BOOST_AUTO_TEST_SUITE(credit_watch_suite)

BOOST_AUTO_TEST_CASE(it_asks_once_a_price_is_known_and_enough_jobs_are_left) {
  credit_watch fresh(0);
  BOOST_TEST(!fresh.is_due(start, 5000));
  fresh.accepted(8000);
  BOOST_TEST(fresh.is_due(start, 5000));
  BOOST_TEST(!fresh.is_due(start, 99)); // it would be more than a request in a hundred, for less than a euro
  BOOST_TEST(credit_watch(1'000'000).is_due(start, 10));
  BOOST_TEST(!credit_watch(1'000'000).is_due(start, 9));
  fresh.asked();
  BOOST_TEST(!fresh.is_due(start, 5000));
  BOOST_TEST(credit_watch(8000).is_due(start, 5000)); // by the price of earlier runs: before the first job
}

BOOST_AUTO_TEST_CASE(credit_is_held_against_what_is_left) {
  credit_watch w(8000);
  BOOST_TEST(!w.outlook(5000).has_value());
  w.asked();
  w.told(12'000'000, start);
  const auto seen = w.outlook(5000).value();
  BOOST_TEST(seen.needed == 40'000'000);
  BOOST_TEST(seen.credit == 12'000'000);
  BOOST_TEST(!seen.is_enough());
  BOOST_TEST(seen.affordable() == 1500u);
  BOOST_TEST(w.outlook(1500)->is_enough());
}

BOOST_AUTO_TEST_CASE(what_is_submitted_since_comes_off_at_this_runs_price) {
  credit_watch w(8000);
  w.told(1'000'000, start);
  for (int i = 0; i < 10; ++i)
    w.accepted(2000);
  const auto seen = w.outlook(100).value();
  BOOST_TEST(seen.credit == 980'000);
  BOOST_TEST(seen.price == 2000);
  BOOST_TEST(seen.needed == 200'000);
}

BOOST_AUTO_TEST_CASE(it_asks_again_sooner_where_credit_is_short_and_never_more_than_once_in_a_hundred_jobs) {
  credit_watch shorter(8000), enough(8000);
  shorter.told(8000, start);
  enough.told(1'000'000'000, start);
  BOOST_TEST(!shorter.is_due(start + 1h, 5000));
  for (int i = 0; i < 100; ++i) {
    shorter.accepted(8000);
    enough.accepted(8000);
  }
  BOOST_TEST(!shorter.is_due(start + 9min, 5000));
  BOOST_TEST(shorter.is_due(start + 10min, 5000));
  BOOST_TEST(!enough.is_due(start + 59min, 5000));
  BOOST_TEST(enough.is_due(start + 1h, 5000));
}

BOOST_AUTO_TEST_CASE(a_service_that_does_not_tell_is_not_asked_again_and_one_that_did_not_answer_is) {
  credit_watch silent(8000), lost(8000);
  silent.told(std::nullopt, start);
  lost.asked();
  lost.not_answered(start);
  for (int i = 0; i < 100; ++i) {
    silent.accepted(8000);
    lost.accepted(8000);
  }
  BOOST_TEST(!silent.is_due(start + 24h, 5000));
  BOOST_TEST(!silent.outlook(5000).has_value());
  BOOST_TEST(!lost.is_due(start + 59s, 5000));
  BOOST_TEST(lost.is_due(start + 1min, 5000));
  lost.asked();
  lost.not_answered(start + 1min); // less and less often
  BOOST_TEST(!lost.is_due(start + 3min - 1s, 5000));
  BOOST_TEST(lost.is_due(start + 3min, 5000));
  for (auto at = start; at < start + 24h; at += 1h)
    lost.not_answered(at);
  BOOST_TEST(lost.is_due(start + 24h, 5000));
  lost.asked();
  lost.told(1'000'000'000, start + 24h);
  BOOST_TEST(!lost.is_due(start + 24h + 1min, 5000));
}

BOOST_AUTO_TEST_CASE(no_number_is_too_large) {
  credit_watch w(std::numeric_limits<std::int64_t>::max());
  w.told(-1, start);
  const auto seen = w.outlook(std::numeric_limits<std::uint64_t>::max()).value();
  BOOST_TEST(seen.needed == std::numeric_limits<std::int64_t>::max());
  BOOST_TEST(seen.affordable() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::submit
