#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/governor.hpp>
#include <mcbatch/quota/tier_finder.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant t{1000h};

struct seen {
  duration at;
  rate_info rate;
};

rate_info limit_of(std::uint64_t n) {
  return {.limit = n};
}

rate_info thousand(std::uint64_t remaining, std::optional<duration> reset_in) {
  return {.limit = 1000, .remaining = remaining, .reset_in = reset_in};
}

std::string shown(std::optional<tier> t_) {
  return t_ ? std::string(to_string(*t_)) : "nothing";
}

} // namespace

BOOST_AUTO_TEST_SUITE(tier_)

BOOST_AUTO_TEST_CASE(is_told_by_the_limit_once_it_was_seen_twice) {
  struct row {
    const char* what;
    std::vector<seen> answers;
    std::optional<tier> found;
  };
  const rate_info unlimited{.unlimited = true}, nothing;
  const row rows[] = {
      {"nothing seen", {{0s, nothing}, {1s, nothing}}, {}},
      {"once is not enough", {{0s, limit_of(10000)}}, {}},
      {"free by its hour", {{0s, limit_of(100)}, {1s, limit_of(100)}}, tier::free},
      {"free by its minute", {{0s, limit_of(10)}, {1s, limit_of(10)}}, tier::free},
      {"basic by its minute", {{0s, limit_of(50)}, {1s, limit_of(50)}}, tier::basic},
      {"pro by its hour", {{0s, limit_of(10000)}, {1s, limit_of(10000)}}, tier::pro},
      {"pro by its minute", {{0s, limit_of(200)}, {1s, limit_of(200)}}, tier::pro},
      {"pro by both", {{0s, limit_of(200)}, {1s, limit_of(10000)}}, tier::pro},
      {"silence between the two", {{0s, limit_of(200)}, {1s, nothing}, {2s, limit_of(200)}}, tier::pro},
      {"no limit at all", {{0s, unlimited}, {1s, unlimited}}, tier::enterprise},
      {"no tier's limit", {{0s, limit_of(77)}, {1s, limit_of(77)}}, {}},
      {"another once changes nothing",
       {{0s, limit_of(100)}, {1s, limit_of(100)}, {2s, limit_of(10000)}, {3s, limit_of(100)}, {4s, limit_of(10000)}},
       tier::free},
      {"another twice does",
       {{0s, limit_of(100)}, {1s, limit_of(100)}, {2s, limit_of(10000)}, {3s, limit_of(10000)}},
       tier::pro},
      {"1,000 without Reset is the lower", {{0s, limit_of(1000)}, {1s, limit_of(1000)}}, tier::basic},
      {"1,000 within a minute is the lower", {{0s, thousand(999, 50s)}, {1s, thousand(998, 49s)}}, tier::basic},
      {"1,000 whose Reset advances by a minute is the minute",
       {{0s, thousand(990, 20s)}, {1s, thousand(980, 19s)}, {21s, thousand(999, 59s)}, {22s, thousand(998, 58s)}},
       tier::enterprise},
      {"a second more or less, since Date counts seconds",
       {{0s, thousand(990, 20s)}, {1s, thousand(980, 20s)}, {21s, thousand(999, 59s)}, {22s, thousand(998, 59s)}},
       tier::enterprise},
      {"once the hour, always the hour",
       {{0s, thousand(990, 30min)},
        {29min + 50s, thousand(80, 10s)},
        {30min + 1s, thousand(999, 1min)},
        {31min, thousand(998, 50s)}},
       tier::basic},
      {"61 s can be a minute, rounded up",
       {{0s, thousand(990, 61s)}, {1s, thousand(980, 60s)}, {62s, thousand(999, 59s)}, {63s, thousand(998, 58s)}},
       tier::enterprise},
      {"the hour after the minute's lookalike takes it back",
       {{0s, thousand(990, 20s)},
        {21s, thousand(999, 59s)},
        {22s, thousand(998, 58s)},
        {90s, thousand(999, 59min)},
        {91s, thousand(998, 59min)}},
       tier::basic},
      {"a sliding hour that somebody spends once a minute is no minute",
       {{0s, thousand(940, 40s)},
        {30s, thousand(920, 10s)},
        {41s, thousand(920, 59s)},
        {101s, thousand(920, 59s)},
        {102s, thousand(919, 58s)}},
       tier::basic},
      {"nor is an hour's bucket, whose next token is seconds away",
       {{0s, thousand(950, 4s)}, {60s, thousand(966, 4s)}, {61s, thousand(965, 3s)}},
       tier::basic},
      {"1,000 of which the window is told as an hour never is the minute",
       {{0s, {.limit = 1000, .remaining = 990, .reset_in = 20s, .window = 1h}},
        {1s, thousand(980, 19s)},
        {21s, thousand(999, 59s)},
        {22s, thousand(998, 58s)}},
       tier::basic},
      {"nor is one whose Remaining is not told",
       {{0s, {.limit = 1000, .reset_in = 20s}},
        {21s, {.limit = 1000, .reset_in = 59s}},
        {22s, {.limit = 1000, .reset_in = 58s}}},
       tier::basic},
  };
  for (const auto& r : rows) {
    tier_finder f;
    for (const auto& [at, rate] : r.answers)
      f.on_answer(t + at, rate);
    BOOST_TEST(shown(f.found()) == shown(r.found), r.what);
  }
}

BOOST_AUTO_TEST_CASE(auto_starts_as_free_and_the_users_word_is_a_ceiling) {
  struct row {
    const char* what;
    std::optional<tier> ceiling;
    rate_info rate;
    tier at_first, then;
  };
  const row rows[] = {
      {"auto adopts", {}, limit_of(10000), tier::free, tier::pro},
      {"auto without headers stays", {}, {}, tier::free, tier::free},
      {"the ceiling holds", tier::basic, limit_of(10000), tier::basic, tier::basic},
      {"the headers may lower it", tier::pro, limit_of(100), tier::pro, tier::free},
      {"without headers it is taken at its word", tier::pro, {}, tier::pro, tier::pro},
      {"1,000 is auto's Basic", {}, thousand(999, 30s), tier::free, tier::basic},
      {"1,000 is Enterprise where the user says so", tier::enterprise, thousand(999, 30s), tier::enterprise,
       tier::enterprise},
      {"but not where its Reset says the hour", tier::enterprise, thousand(999, 30min), tier::enterprise, tier::basic},
      {"no limit is no reason to exceed the ceiling", tier::basic, {.unlimited = true}, tier::basic, tier::basic},
  };
  for (const auto& r : rows) {
    governor g({.ceiling = r.ceiling}, 1, random_source(1));
    BOOST_TEST((g.current_tier() == r.at_first), r.what);
    for (int i = 0; i < 2; ++i) {
      BOOST_TEST((g.limits() == limits_of(r.at_first)), r.what << ": after " << i << " answers");
      g.apply({event_kind::answer, g.leave(t).request, t, r.rate});
    }
    BOOST_TEST(to_string(g.current_tier()) == to_string(r.then), r.what);
    BOOST_TEST((g.limits() == limits_of(r.then)), r.what);
  }
}

// A Limit of 0, say, reads as if there were none.
BOOST_AUTO_TEST_CASE(a_refused_request_is_no_sign_that_there_is_no_limit) {
  for (const auto kind : {event_kind::refusal, event_kind::answer}) {
    governor g({}, 1, random_source(1));
    auto now = t;
    for (int i = 0; i < 3; ++i) {
      now = std::max(now, g.admit(now).until.value_or(now));
      g.apply({kind, g.leave(now).request, now, {.unlimited = true}});
    }
    BOOST_TEST((g.current_tier() == (kind == event_kind::answer ? tier::enterprise : tier::free)));
  }
  governor g({}, 1, random_source(1));
  g.apply({event_kind::refusal, g.leave(t).request, t, limit_of(10000)});
  const auto opens = *g.admit(t).until;
  g.apply({event_kind::refusal, g.leave(opens).request, opens, limit_of(10000)});
  BOOST_TEST((g.current_tier() == tier::pro)); // but of which limit there is
}

BOOST_AUTO_TEST_CASE(limits_of_the_users_stay_whatever_the_headers_show) {
  governor g({.limits = {{7, 1min}}}, 1, random_source(1));
  for (int i = 0; i < 3; ++i)
    g.apply({event_kind::answer, g.leave(t).request, t, limit_of(10000)});
  BOOST_TEST((g.limits() == std::vector<limit>{{7, 1min}}));
}

BOOST_AUTO_TEST_SUITE_END()
