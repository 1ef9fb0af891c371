#define BOOST_TEST_DYN_LINK
#include "simulation/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>

using namespace mcbatch;
using namespace mcbatch::simulation;
using namespace mcbatch::simulation::test;
using namespace std::chrono_literals;
using mcbatch::quota::tier;
using sandbox::header_kind;
using sandbox::window_kind;

namespace {

/// What came of many runs beside somebody else, who wants half of the longest window and asks at random times.
struct together {
  std::uint64_t sent = 0, refused = 0;
  double left = 0; ///< of the quota, by the stranger's requests

  [[nodiscard]] double used() const { return static_cast<double>(sent - refused) / left; }
  [[nodiscard]] double refused_part() const { return static_cast<double>(refused) / static_cast<double>(sent); }
};

duration length_of(tier t) {
  return t == tier::enterprise ? 30min : t == tier::pro ? 3h : 6h;
}

plan plan_with_stranger(tier t, window_kind reading, header_kind headers, std::uint64_t seed, duration gone) {
  auto p = plan_of(t, reading, headers, seed);
  random_source chance(~seed);
  p.begins += std::chrono::floor<std::chrono::microseconds>(chance.up_to(1h));
  p.net = {20ms, 250ms, 0};
  p.runs[0].scheduling.max_in_flight = 64;
  const auto& longest = p.service.limits.back();
  const auto mean_gap = 2 * seconds(longest.window) / static_cast<double>(longest.requests);
  p.stranger = [chance, mean_gap, gone](duration now, bool) mutable -> std::optional<duration> {
    const auto gap = std::chrono::duration<double>(-std::log(1 - chance.unit()) * mean_gap);
    const auto next = now + std::chrono::duration_cast<duration>(gap);
    return next < gone ? std::optional(next) : std::nullopt;
  };
  return p;
}

together play(tier t, window_kind reading, header_kind headers, std::uint64_t seeds) {
  std::mutex results;
  together all;
  for_each_seed(seeds, [&](std::uint64_t seed) {
    auto p = plan_with_stranger(t, reading, headers, seed, duration::max());
    const auto longest = p.service.limits.back();
    class simulation s(std::move(p));
    s.run_until(length_of(t));
    const std::scoped_lock whole(results);
    all.sent += s.seen().requests.size();
    all.refused += s.seen().refused;
    all.left += seconds(length_of(t)) / seconds(longest.window) * static_cast<double>(longest.requests) -
                static_cast<double>(s.seen().strangers);
  });
  BOOST_TEST_MESSAGE(to_string(t) << ": used " << all.used() << " of what is left, refused 1 in "
                                  << 1 / all.refused_part());
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(strangers)

// As the service is documented: headers that show the longest window, an hour that is fixed.
BOOST_AUTO_TEST_CASE(what_a_stranger_leaves_is_used_and_hardly_any_request_refused) {
  for (const auto t : all_tiers) {
    const auto all = play(t, window_kind::fixed, header_kind::hour, 40);
    BOOST_TEST(all.refused_part() < 1.0 / 200, to_string(t));
    BOOST_TEST(all.used() >= 0.95, to_string(t));
  }
}

// An hour that slides frees its requests one by one, and a tenth of a percent of Free's is no request at all.
BOOST_AUTO_TEST_CASE(nor_where_the_windows_slide) {
  for (const auto t : {tier::basic, tier::pro, tier::enterprise}) {
    const auto all = play(t, window_kind::sliding, header_kind::hour, 40);
    BOOST_TEST(all.refused_part() < 1.0 / 200, to_string(t));
    BOOST_TEST(all.used() >= 0.95, to_string(t));
  }
}

// Half of it is left to them by the user: what they take of that costs us nothing.
BOOST_AUTO_TEST_CASE(a_share_is_used_whole_beside_a_stranger_who_takes_the_rest) {
  for (const auto t : {tier::basic, tier::pro, tier::enterprise}) {
    auto p = plan_with_stranger(t, window_kind::fixed, header_kind::hour, 1, duration::max());
    p.begins = an_hour;
    p.runs[0].quota.share_percent = 40;
    class simulation s(std::move(p));
    s.run_until(length_of(t));
    const auto longest = quota::limits_of(t).back();
    const auto share = 0.4 * static_cast<double>(longest.requests) * seconds(length_of(t)) / seconds(longest.window);
    BOOST_TEST(static_cast<double>(s.seen().requests.size()) >= 0.95 * share, to_string(t));
    BOOST_TEST(static_cast<double>(s.seen().requests.size()) <= share, to_string(t));
  }
}

BOOST_AUTO_TEST_CASE(the_room_is_taken_back_when_the_stranger_has_gone) {
  for (const auto t : {tier::basic, tier::pro, tier::enterprise}) {
    const auto gone = t == tier::enterprise ? 20min : 90min;
    auto p = plan_with_stranger(t, window_kind::fixed, header_kind::hour, 1, gone);
    const auto begins = p.begins;
    class simulation s(std::move(p));
    // From the second window after that on.
    const auto window = t == tier::enterprise ? 20min : 1h;
    const auto from = (begins.time_since_epoch() + gone) / window * window + 2 * window - begins.time_since_epoch();
    s.run_until(from + window);
    const auto in_window = std::ranges::count_if(s.seen().requests, [&](const auto& r) { return r.left >= from; });
    const auto whole = quota::limits_of(t).back();
    BOOST_TEST(static_cast<double>(in_window) >=
                   0.97 * static_cast<double>(whole.requests) * (seconds(window) / seconds(whole.window)),
               to_string(t) << ": " << in_window);
  }
}

BOOST_AUTO_TEST_SUITE_END()
