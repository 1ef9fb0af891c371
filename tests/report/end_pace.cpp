#define BOOST_TEST_DYN_LINK
#include <mcbatch/report/end_pace.hpp>

#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::report;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

} // namespace

BOOST_AUTO_TEST_SUITE(end_pace_)

BOOST_AUTO_TEST_CASE(what_is_open_takes_as_long_as_the_rate_of_ends_says) {
  end_pace pace;
  pace.note(400, start); // those that had ended before tell nothing
  BOOST_TEST(!pace.time_left(100, start + 10s).has_value());
  pace.note(410, start + 10s);
  BOOST_TEST((pace.time_left(100, start + 10s) == 100s));
  BOOST_TEST((pace.time_left(100, start + 20s) == 200s)); // none ended meanwhile
  BOOST_TEST((pace.time_left(0, start + 20s) == 0s));
}

BOOST_AUTO_TEST_CASE(what_ended_long_ago_says_nothing_of_now) {
  end_pace pace;
  pace.note(0, start);
  pace.note(10'000, start + 1s);
  for (int s = 2; s <= 400; ++s)
    pace.note(10'000 + static_cast<std::uint64_t>(s), start + s * 1s);
  BOOST_TEST((pace.time_left(60, start + 400s) == 60s));
  BOOST_TEST(!pace.time_left(60, start + 2h).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
