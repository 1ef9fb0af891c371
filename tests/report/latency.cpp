#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/latency.hpp>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

double millis(duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

BOOST_AUTO_TEST_SUITE(latency)

BOOST_AUTO_TEST_CASE(percentiles_are_within_a_bin) {
  latency_histogram h;
  BOOST_TEST(millis(h.percentile(0.5)) == 0);
  for (int ms = 1; ms <= 1000; ++ms)
    h.add(std::chrono::milliseconds(ms));
  BOOST_TEST(millis(h.percentile(0.5)) == 500, boost::test_tools::tolerance(0.011));
  BOOST_TEST(millis(h.percentile(0.99)) == 990, boost::test_tools::tolerance(0.011));
  BOOST_TEST(millis(h.percentile(1)) == 1000);
  BOOST_TEST(millis(h.max()) == 1000);
  BOOST_TEST(h.count() == 1000U);
}

BOOST_AUTO_TEST_CASE(what_is_out_of_range_counts_all_the_same) {
  latency_histogram h;
  h.add(1ns);
  h.add(5h);
  BOOST_TEST(h.percentile(0.5) <= 10us);
  BOOST_TEST((h.percentile(1) == duration(5h)));
}

BOOST_AUTO_TEST_CASE(two_that_are_joined_are_as_one) {
  latency_histogram both, fast, slow;
  for (int ms = 1; ms <= 200; ++ms) {
    (ms <= 100 ? fast : slow).add(std::chrono::milliseconds(ms));
    both.add(std::chrono::milliseconds(ms));
  }
  fast.add(slow);
  BOOST_TEST(fast.count() == 200U);
  BOOST_TEST((fast.sum() == both.sum()));
  for (const double p : {0.1, 0.5, 0.9, 0.99, 1.0})
    BOOST_TEST((fast.percentile(p) == both.percentile(p)));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
