#define BOOST_TEST_DYN_LINK
#include "quota/simulation.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <utility>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace mcbatch::quota::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t hour_at = 1705316400;

/// A fixed hour that begins 50 minutes before the simulation, beside a minute that is never in the way.
struct fixed_hour {
  std::uint64_t limit = 1000, used = 0;
  std::uint64_t window = 0;

  answer operator()(instant now) {
    const auto since = now - start + 50min;
    if (const auto index = static_cast<std::uint64_t>(since / 1h); index != window) {
      window = index;
      used = 0;
    }
    const bool refused = used >= limit;
    if (!refused) ++used;
    const auto reset_in = std::chrono::ceil<std::chrono::seconds>(1h - since % 1h);
    return {refused,
            {.limit = limit,
             .remaining = limit - used,
             .reset_in = reset_in,
             .reset_at = hour_at + static_cast<std::int64_t>(window) * 3600}};
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(servers_hour)

BOOST_AUTO_TEST_CASE(a_fixed_hour_is_used_to_its_end_and_the_next_from_its_beginning) {
  governor g({.ceiling = tier::basic}, 1, random_source(1));
  fixed_hour hour;
  simulation s(g, {}, std::ref(hour), random_source(2));
  s.run_until(start + 10min - 1s);
  BOOST_TEST(s.left().size() == 500U); // 50 a minute: all that its last ten minutes hold
  s.run_until(start + 2h);
  // By our own count the first 1,000 would bind any hour; by the server's word 1,000 more fit into each of its own.
  BOOST_TEST(s.left().size() >= 2500U);
  BOOST_TEST(s.refused() == 0U);
  BOOST_TEST(most_in_any(s.counted(), 1min) <= 50U);
}

BOOST_AUTO_TEST_CASE(share_limit_and_tier_still_cap_it) {
  struct row {
    const char* what;
    governor_settings settings;
    std::size_t most;
  };
  const row rows[] = {{"share", {.ceiling = tier::basic, .share_percent = 30}, 300},
                      {"a limit of the user's", {.limits = {{40, 1min}, {250, 1h}}}, 250},
                      {"a lower tier", {.ceiling = tier::free}, 100}};
  for (const auto& r : rows) {
    governor g(r.settings, 1, random_source(1));
    fixed_hour hour;
    simulation s(g, {}, std::ref(hour), random_source(2));
    s.run_until(start + 10min);
    const auto begin = s.left().size();
    s.run_until(start + 70min);
    BOOST_TEST(s.left().size() - begin <= r.most, r.what);
    BOOST_TEST(s.left().size() >= r.most * 9 / 10, r.what);
    BOOST_TEST(s.refused() == 0U, r.what);
  }
}

BOOST_AUTO_TEST_CASE(what_others_spend_shows_in_remaining_and_is_left_to_them) {
  governor g({.ceiling = tier::basic}, 1, random_source(1));
  fixed_hour hour;
  simulation s(g, {}, std::ref(hour), random_source(2));
  for (int minute = 0; minute < 60; ++minute) {
    s.run_until(start + minute * 1min);
    hour.used = std::min(hour.limit, hour.used + 15);
  }
  BOOST_TEST(s.left().size() >= 100U); // what they do not want
  BOOST_TEST(s.refused() <= 2U);       // at the very end of a window somebody may take the last one
}

BOOST_AUTO_TEST_CASE(however_odd_the_headers_no_window_holds_more_than_the_tier) {
  random_source chance(7);
  const auto any = [&](std::uint64_t below) {
    return static_cast<std::uint64_t>(chance.unit() * static_cast<double>(below));
  };
  const std::pair<const char*, simulation::server> servers[] = {
      {"Remaining stands still",
       [](instant) {
         return answer{false, {.limit = 1000, .remaining = 990, .reset_in = 30min}};
       }},
      {"stuck",
       [](instant) {
         return answer{false, {.limit = 1000, .remaining = 1, .reset_in = 30min, .reset_at = 1}};
       }},
      {"fresh at every answer",
       [](instant) {
         return answer{false, {.limit = 1000, .remaining = 1000, .reset_in = 1h}};
       }},
      {"chance",
       [&](instant) {
         return answer{false, {.limit = 1000, .remaining = any(1000), .reset_in = any(7200) * 1s + 1s}};
       }},
      {"chance, but falling",
       [&, n = 0ULL](instant) mutable {
         return answer{false, {.limit = 1000, .remaining = 999 - n++ % 1000, .reset_in = any(7200) * 1s + 1s}};
       }},
      {"years",
       [&, n = 0ULL](instant) mutable {
         return answer{false, {.limit = 1000, .remaining = 999 - n++ % 1000, .reset_in = any(300) * 24h + 1s}};
       }},
      {"any limit of any tier",
       [&](instant) {
         const std::uint64_t all[] = {10, 50, 100, 200, 1000, 10000};
         const auto l = all[any(6)];
         return answer{false, {.limit = l, .remaining = any(l + 1), .reset_in = any(3600) * 1s + 1s}};
       }},
      {"none on every other",
       [n = 0ULL](instant) mutable {
         return ++n % 2 ? answer{} : answer{false, {.limit = 1000, .remaining = 999, .reset_in = 30min}};
       }},
  };
  for (const auto& [what, server] : servers) {
    governor g({.ceiling = tier::basic}, 1, random_source(1));
    simulation s(g, {100ms, 0.01}, server, random_source(2));
    s.run_until(start + 3h);
    BOOST_TEST(most_in_any(s.counted(), 1min) <= 50U, what);
    // An hour that is described wrongly can let the start of another through: one answer's worth, not a second limit.
    BOOST_TEST(most_in_any(s.counted(), 1h) <= 1000U, what << ": " << most_in_any(s.counted(), 1h) << " in an hour");
    BOOST_TEST(s.left().size() > 2U, what);
  }
}

BOOST_AUTO_TEST_SUITE_END()
