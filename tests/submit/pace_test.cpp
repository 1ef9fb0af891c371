#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/submit/pace.hpp>

#include <limits>

namespace mcbatch::submit {
namespace {

using namespace std::chrono_literals;

constexpr auto most_requests = std::numeric_limits<std::uint64_t>::max();
constexpr auto never = instant::max();

struct pace_row {
  quota::limit rate;
  std::uint64_t n;
  duration due; // after the first; duration::max(): at no instant
};

BOOST_AUTO_TEST_SUITE(pace_suite)

BOOST_AUTO_TEST_CASE(each_request_has_its_time) {
  const pace_row rows[] = {
      {{1, 1s}, 0, 0s},
      {{1, 1s}, 1, 1s},
      {{1, 1s}, 10, 10s},
      {{500, 1s}, 1, 2ms},
      {{500, 1s}, 500, 1s},
      {{3, 1s}, 1, 333'333'333ns},
      {{3, 1s}, 2, 666'666'666ns},
      {{3, 1s}, 3, 1s},
      {{3, 1s}, 3'000'000'000, 1'000'000'000s}, // no drift in thirty years
      {{7, 1min}, 7 * 1440, 24h},
      {{1'000'000'000, 1s}, 1, 1ns},
      {{1'000'000'000, 1s}, 1'000'000'000, 1s},
      // More than one in a nanosecond: several are due together.
      {{4'000'000'000, 1s}, 3, 0ns},
      {{4'000'000'000, 1s}, 4, 1ns},
      {{most_requests, 1ns}, most_requests - 1, 0ns},
      {{most_requests, 1ns}, most_requests, 1ns},
      // The products are beyond 64 bits, what comes out is not.
      {{most_requests, 87600h}, most_requests, 87600h},
      {{1'000'000'000'000, 87600h}, 1'000'000'000'000, 87600h},
      // And here it is.
      {{1, 1s}, most_requests, duration::max()},
      {{1, 87600h}, 1'000'000, duration::max()},
      {{1, duration::max()}, 2, duration::max()},
      {{1, duration::max()}, most_requests, duration::max()},
  };
  const instant first(1h);
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.n << " at " << row.rate.requests << " in " << row.rate.window.count() << " ns") {
      const auto wanted = row.due == duration::max() ? never : first + row.due;
      BOOST_TEST((pace(row.rate).due(first, row.n) == wanted));
    }
}

BOOST_AUTO_TEST_CASE(a_time_beyond_the_clock_is_never) {
  const pace yearly({1, 8760h});
  BOOST_TEST((yearly.due(instant(), 292) == instant(292 * 8760h)));
  BOOST_TEST((yearly.due(instant(8760h), 292) == never));
  BOOST_TEST((yearly.due(never, 1) == never));
  BOOST_TEST((yearly.due(never, 0) == never));
}

struct within_row {
  quota::limit rate;
  duration elapsed;
  std::uint64_t due;
};

BOOST_AUTO_TEST_CASE(so_many_are_due_by_then) {
  const within_row rows[] = {
      {{1, 1s}, -1ns, 0},
      {{1, 1s}, 0s, 1},
      {{1, 1s}, 999'999'999ns, 1},
      {{1, 1s}, 1s, 2},
      {{500, 1s}, 10s, 5001},
      {{3, 1s}, 333'333'332ns, 1},
      {{3, 1s}, 333'333'333ns, 2},
      {{4'000'000'000, 1s}, 0s, 4},
      {{1, 87600h}, duration::max(), 30},
      {{most_requests, 1ns}, duration::max(), most_requests},
      {{most_requests, duration::max()}, 0s, 3},
  };
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.rate.requests << " in " << row.rate.window.count() << " ns") {
      BOOST_TEST(pace(row.rate).due_within(row.elapsed) == row.due);
    }
}

/// The two tell the same: of what is due within a time, the last is due by then, and the next is not.
BOOST_AUTO_TEST_CASE(both_ways_agree) {
  for (const std::uint64_t requests : {1U, 3U, 7U, 500U, 999'983U})
    for (const auto window : {duration(1ns), duration(1s), duration(7min)})
      for (const auto elapsed : {duration(0s), duration(1ns), duration(1s), duration(59'999'999'999ns)}) {
        const pace p({requests, window});
        const auto due = p.due_within(elapsed);
        BOOST_TEST((p.due(instant(), due - 1) <= instant(elapsed)));
        BOOST_TEST((p.due(instant(), due) > instant(elapsed)));
      }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::submit
