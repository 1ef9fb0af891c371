#define BOOST_TEST_DYN_LINK
#include <mcbatch/track/duration_model.hpp>

#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::track;
using namespace std::chrono_literals;

namespace {

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

} // namespace

BOOST_AUTO_TEST_SUITE(duration_models)

BOOST_AUTO_TEST_CASE(without_any_observation_it_guesses_and_asks_ever_less_often) {
  duration_model m;
  const auto t = m.type_of("video");
  BOOST_TEST(seconds(m.quantile(t, 0s, 0.5)) == 15, boost::test_tools::tolerance(0.05));
  BOOST_TEST(seconds(m.quantile(t, 60s, 0.5)) == 135, boost::test_tools::tolerance(0.05));
  BOOST_TEST(seconds(m.quantile(t, 3h, 0.5)) > 5.5 * 3600);
  BOOST_TEST((m.quantile(t, 24h * 100, 0.5) == 24h * 101)); // and once a day at least
}

BOOST_AUTO_TEST_CASE(it_learns_each_type_by_itself) {
  duration_model m;
  const auto image = m.type_of("image"), video = m.type_of("video");
  BOOST_TEST(image != video);
  BOOST_TEST(m.type_of("image") == image);
  for (int i = 0; i < 50; ++i) {
    m.ended(image, 0s, 2s);
    m.ended(video, 0s, 300s);
  }
  BOOST_TEST(seconds(m.quantile(image, 0s, 0.5)) < 3);
  BOOST_TEST(seconds(m.quantile(video, 0s, 0.5)) > 200);
  BOOST_TEST(seconds(m.quantile(video, 0s, 0.5)) < 400);
  BOOST_TEST(m.ended_by(video, 0s, 100s) < 0.1);
  BOOST_TEST(m.ended_by(video, 100s, 400s) > 0.8);
}

BOOST_AUTO_TEST_CASE(an_unseen_type_is_taken_to_be_like_the_others) {
  duration_model m;
  const auto video = m.type_of("video"), audio = m.type_of("audio");
  for (int i = 0; i < 50; ++i)
    m.ended(video, 0s, 300s);
  BOOST_TEST(seconds(m.quantile(audio, 0s, 0.5)) > 150);
}

BOOST_AUTO_TEST_CASE(a_service_that_becomes_faster_is_believed) {
  duration_model m;
  const auto t = m.type_of("video");
  for (int i = 0; i < 3000; ++i)
    m.ended(t, 0s, 300s);
  for (int i = 0; i < 2000; ++i)
    m.ended(t, 0s, 30s);
  BOOST_TEST(seconds(m.quantile(t, 0s, 0.5)) < 40);
}

BOOST_AUTO_TEST_CASE(beyond_all_that_was_seen_there_is_a_later_time) {
  duration_model m;
  const auto t = m.type_of("video");
  for (int i = 0; i < 1000; ++i)
    m.ended(t, 0s, 10s);
  const auto next = m.quantile(t, 1000s, 0.7);
  BOOST_TEST(seconds(next) > 1100);
  BOOST_TEST(seconds(next) < 10'000);
  m.ended(t, 0s, -5s); // clocks that disagree
  m.ended(t, 0s, 24h * 400);
  BOOST_TEST(seconds(m.quantile(t, 24h * 400, 0.7)) > 86400 * 400);
}

BOOST_AUTO_TEST_CASE(what_is_still_under_way_teaches_that_it_takes_long) {
  duration_model m;
  const auto t = m.type_of("video");
  const auto guessed = m.quantile(t, 0s, 0.5);
  for (int i = 0; i < 20; ++i)
    m.lived(t, 0s, 120s);
  BOOST_TEST(seconds(guessed) < 16);
  BOOST_TEST(seconds(m.quantile(t, 0s, 0.5)) > 120);
}

BOOST_AUTO_TEST_CASE(types_without_number_share_one) {
  duration_model m;
  for (int i = 0; i < 2000; ++i)
    m.type_of(std::to_string(i));
  m.ended(m.type_of("one more"), 0s, 10s);
  BOOST_TEST(m.type_of("one more") == m.type_of("another"));
}

BOOST_AUTO_TEST_SUITE_END()
