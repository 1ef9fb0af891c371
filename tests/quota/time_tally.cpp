#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/time_tally.hpp>

#include <mcbatch/core/random.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant t{1000h};

/// The same by a list of all.
struct plain_list {
  std::vector<instant> all; // ascending

  void add(instant at) { all.insert(std::ranges::upper_bound(all, at), at); }
  [[nodiscard]] std::uint64_t after(instant at) const {
    return static_cast<std::uint64_t>(all.end() - std::ranges::upper_bound(all, at));
  }
  [[nodiscard]] instant leaves_at_most(std::uint64_t most) const { return all[all.size() - most - 1]; }
  std::uint64_t forget_until(instant at) {
    const auto end = std::ranges::upper_bound(all, at);
    const auto n = end - all.begin();
    all.erase(all.begin(), end);
    return static_cast<std::uint64_t>(n);
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(time_tally_of)

BOOST_AUTO_TEST_CASE(a_thousand_times_is_exact_in_whatever_order_they_come) {
  random_source random(7);
  const auto below = [&random](std::size_t n) {
    return static_cast<std::uint64_t>(random.unit() * static_cast<double>(n));
  };
  time_tally tally;
  plain_list plain;
  for (int i = 0; i < 1000; ++i) {
    const auto at = t + i * 10ms + below(100) * 1ms;
    tally.add(at);
    plain.add(at);
    const auto since = t + below(12'000) * 1ms;
    BOOST_TEST(tally.after(since) == plain.after(since));
    if (i % 100 == 99) BOOST_TEST(tally.forget_until(since - 5s) == plain.forget_until(since - 5s));
    BOOST_TEST(tally.count() == plain.all.size());
    if (plain.all.empty()) continue;
    const auto most = below(plain.all.size());
    BOOST_TEST((tally.leaves_at_most(most) == plain.leaves_at_most(most)));
  }
}

BOOST_AUTO_TEST_CASE(millions_are_all_counted_none_earlier_than_it_was_and_the_newest_exactly) {
  constexpr std::uint64_t n = 3'000'000;
  time_tally tally;
  for (std::uint64_t i = 0; i < n; ++i)
    tally.add(t + i * 1ms);
  BOOST_TEST(tally.count() == n);
  for (std::uint64_t back = 1; back < n; back += back / 2 + 1) {
    const auto after = tally.after(t + (n - 1 - back) * 1ms);
    const auto slack = back < 30'000 ? 0 : back / 50;
    BOOST_TEST((after >= back && after <= back + slack), back << " are later, and " << after << " are told");
  }
  BOOST_TEST((tally.leaves_at_most(n / 2) >= t + (n / 2 - 1) * 1ms));
  BOOST_TEST(tally.forget_until(t + n * 1ms) == n);
  BOOST_TEST(tally.count() == 0U);
}

BOOST_AUTO_TEST_CASE(what_came_before_a_pause_is_not_told_after_it) {
  constexpr std::uint64_t burst = 60'000;
  time_tally tally;
  for (const auto begun : {t, t + 10min})
    for (std::uint64_t i = 0; i < burst; ++i)
      tally.add(begun + i * 1ms);
  BOOST_TEST(tally.after(t + 9min) == burst);
}

BOOST_AUTO_TEST_SUITE_END()
