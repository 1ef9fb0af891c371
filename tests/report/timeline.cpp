#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/timeline.hpp>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

constexpr instant start(1h);

BOOST_AUTO_TEST_SUITE(timeline_suite)

BOOST_AUTO_TEST_CASE(each_end_is_in_its_slice) {
  timeline t(start);
  t.add(start, true, 1ms);
  t.add(start + 99ms, true, 3ms);
  t.add(start + 100ms, false, 5ms);
  t.add(start + 350ms, false, std::nullopt);
  BOOST_TEST((t.slice_length() == 100ms));
  BOOST_TEST_REQUIRE(t.slices().size() == 4U);
  BOOST_TEST(t.slices()[0].accepted == 2U);
  BOOST_TEST(t.slices()[0].errors == 0U);
  BOOST_TEST((t.slices()[0].latency.max() == 3ms));
  BOOST_TEST(t.slices()[1].accepted == 0U);
  BOOST_TEST(t.slices()[1].errors == 1U);
  BOOST_TEST(t.slices()[1].latency.count() == 1U); // an answer all the same
  BOOST_TEST(t.slices()[2].latency.count() == 0U);
  BOOST_TEST(t.slices()[3].errors == 1U);
  BOOST_TEST(t.slices()[3].latency.count() == 0U);
}

BOOST_AUTO_TEST_CASE(where_there_would_be_too_many_slices_they_double) {
  timeline t(start);
  constexpr auto most = static_cast<duration::rep>(timeline::most_slices);
  for (duration::rep i = 0; i < most; ++i)
    t.add(start + i * 100ms, i % 3 == 0, i * 1ms + 1ms);
  BOOST_TEST(t.slices().size() == timeline::most_slices);
  BOOST_TEST((t.slice_length() == 100ms));
  t.add(start + most * 100ms, true, 2s);
  BOOST_TEST((t.slice_length() == 200ms));
  BOOST_TEST_REQUIRE(t.slices().size() == timeline::most_slices / 2 + 1);
  BOOST_TEST(t.slices()[0].accepted == 1U); // of 0 and 1 the one
  BOOST_TEST(t.slices()[0].errors == 1U);
  BOOST_TEST((t.slices()[1].latency.max() == 4ms));
  BOOST_TEST((t.slices().back().latency.max() == 2s));
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_by_doubling) {
  timeline t(start);
  for (int i = 0; i < 1000; ++i)
    t.add(start + i * 7s, i % 10 != 0, i % 100 == 0 ? std::nullopt : std::optional<duration>(1ms));
  t.add(start + 240h, true, 1ms);
  BOOST_TEST(t.slices().size() <= timeline::most_slices);
  std::uint64_t accepted = 0, errors = 0, answers = 0;
  for (const auto& s : t.slices()) {
    accepted += s.accepted;
    errors += s.errors;
    answers += s.latency.count();
  }
  BOOST_TEST(accepted == 901U);
  BOOST_TEST(errors == 100U);
  BOOST_TEST(answers == 991U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
