#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/web/rate_bound.hpp>

namespace mcbatch::web {
namespace {

using namespace std::chrono_literals;

struct step {
  duration at; ///< since the first
  bool goes;
};

/// What becomes of each request, of three a second.
void play(const std::vector<step>& steps, instant beginning) {
  rate_bound three(3);
  int n = 0;
  for (const auto& [at, goes] : steps) {
    ++n;
    BOOST_TEST(three.admit(beginning + at) == goes, "request " << n << " at " << at.count() << " ns");
  }
}

BOOST_AUTO_TEST_SUITE(rate_bounds)

BOOST_AUTO_TEST_CASE(as_many_at_once_as_in_a_second) {
  play({{0s, true}, {0s, true}, {0s, true}, {0s, false}, {0s, false}}, instant{1h});
}

BOOST_AUTO_TEST_CASE(then_one_each_time_that_one_has_come_in) {
  play({{0s, true},
        {0s, true},
        {0s, true},
        {333ms, false}, // a moment too soon
        {334ms, true},
        {335ms, false},
        {667ms, true},
        {668ms, false},
        {999ms, false},
        {1001ms, true}},
       instant{1h});
}

BOOST_AUTO_TEST_CASE(a_long_silence_saves_up_no_more_than_a_second_s) {
  play({{0s, true}, {24h, true}, {24h, true}, {24h, true}, {24h, false}}, instant{1h});
}

BOOST_AUTO_TEST_CASE(what_is_refused_costs_nothing) {
  play({{0s, true}, {0s, true}, {0s, true}, {100ms, false}, {200ms, false}, {300ms, false}, {340ms, true}},
       instant{1h});
}

BOOST_AUTO_TEST_CASE(time_that_goes_back_brings_nothing_in) {
  play({{10s, true}, {10s, true}, {10s, true}, {5s, false}, {10s, false}, {10'334ms, true}}, instant{1h});
}

BOOST_AUTO_TEST_CASE(the_clock_may_begin_at_nothing) {
  play({{0s, true}, {0s, true}, {0s, true}, {0s, false}}, instant{});
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::web
