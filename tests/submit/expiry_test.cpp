#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/estimate.hpp>
#include <mcbatch/submit/expiry.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::submit;
using namespace std::chrono_literals;
using fate = expiry_forecast::fate;

namespace {

constexpr wall_time now{std::chrono::hours(1000)};

quota::turn_estimate two_an_hour() {
  return quota::turn_estimate({{2, 1h}});
}

/// "in_time", "late" or "dead" in a letter for each job.
std::string foretold(const std::vector<std::optional<wall_time>>& ends, duration margin) {
  expiry_forecast forecast(two_an_hour(), now, margin);
  std::string fates;
  for (const auto& e : ends)
    fates += "ild"[static_cast<int>(forecast.next(e))];
  return fates;
}

} // namespace

BOOST_AUTO_TEST_SUITE(expiry)

BOOST_AUTO_TEST_CASE(a_url_is_of_use_for_longer_than_the_margin) {
  BOOST_TEST(!is_dead_on_arrival(std::nullopt, now, 10h));
  BOOST_TEST(!is_dead_on_arrival(now + 15min + 1us, now, 15min));
  BOOST_TEST(is_dead_on_arrival(now + 15min, now, 15min));
  BOOST_TEST(is_dead_on_arrival(now - 1h, now, 15min));
  BOOST_TEST(!is_dead_on_arrival(now + 1us, now, 0s));
  BOOST_TEST(is_dead_on_arrival(now, now, 0s));
  BOOST_TEST(is_dead_on_arrival(wall_time{}, now, 24h * 3650));
}

BOOST_AUTO_TEST_CASE(the_sentence_says_when_and_what_to_do) {
  const auto ended = expiry_sentence(now - 1s, now, 15min, false);
  BOOST_TEST(ended == "a presigned URL of it ended at 1970-02-11T15:59:59.000Z, so it was not sent: put fresh URLs in "
                      "the manifest, and submit that to the same ledger");
  const auto ends = expiry_sentence(now + 1s, now, 15min, false);
  BOOST_TEST(ends.starts_with("a presigned URL of it ends at 1970-02-11T16:00:01.000Z, within the 15m that"), ends);
  const auto doubted = expiry_sentence(now, now, 15min, true);
  BOOST_TEST(doubted.find("an earlier try may have been accepted") != std::string::npos, doubted);
  BOOST_TEST(doubted.find("retry --in-doubt") != std::string::npos, doubted);
}

BOOST_AUTO_TEST_CASE(jobs_that_are_not_sent_take_nobodys_turn) {
  const auto never = std::nullopt;
  BOOST_TEST(foretold({never, never, never}, 0s) == "iii");
  BOOST_TEST(foretold({now + 1min, now + 1min, now + 1min, never}, 0s) == "iili");
  BOOST_TEST(foretold({now, never, now + 1min, now + 1min}, 0s) == "diil"); // the dead one leaves its turn to others
  BOOST_TEST(foretold({never, never, now + 1h, now + 1h + 1us}, 0s) == "iili");
  BOOST_TEST(foretold({never, never, now + 1h + 15min, now + 1h + 15min + 1us}, 15min) == "iili");
}

BOOST_AUTO_TEST_CASE(soonest_first_has_most_in_time) {
  // Every order of six jobs, by hand.
  std::vector<std::optional<wall_time>> ends{now + 30min, now + 30min, now + 90min, now + 90min, now + 90min, now + 3h};
  const auto sorted = foretold(ends, 0s);
  BOOST_TEST(sorted == "iiiili");
  const auto in_time = [](const std::string& fates) { return std::count(fates.begin(), fates.end(), 'i'); };
  do
    BOOST_REQUIRE(in_time(foretold(ends, 0s)) <= in_time(sorted));
  while (std::next_permutation(ends.begin(), ends.end()));
}

BOOST_AUTO_TEST_SUITE_END()
