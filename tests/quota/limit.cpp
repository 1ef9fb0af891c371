#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/estimate.hpp>
#include <mcbatch/quota/limit.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(limit_texts)

BOOST_AUTO_TEST_CASE(are_read_as_people_write_them) {
  struct row {
    const char* said;
    limit read;
    const char* written;
  };
  const row rows[] = {{"200/60s", {200, 1min}, "200/60s"},
                      {"200/1m", {200, 1min}, "200/60s"},
                      {"10000/1h", {10000, 1h}, "10000/1h"},
                      {"1/1ms", {1, 1ms}, "1/1ms"},
                      {"2000/1s", {2000, 1s}, "2000/1s"},
                      {"5/1h30m", {5, 90min}, "5/1h30m"},
                      {"18446744073709551615/1d", {UINT64_MAX, 24h}, "18446744073709551615/1d"}};
  for (const auto& r : rows) {
    const auto read = parse_limit(r.said);
    BOOST_REQUIRE_MESSAGE(read, r.said);
    BOOST_TEST((*read == r.read), r.said);
    BOOST_TEST(to_string(*read) == r.written);
  }
}

BOOST_AUTO_TEST_CASE(that_make_no_sense_are_refused_with_a_sentence_that_quotes_them) {
  for (const std::string said :
       {"", "/", "200", "200/", "/60s", "0/60s", "200/0s", "-1/60s", "200/-60s", "200/60", "x/60s", "1.5/60s",
        "200/60s/60s", "18446744073709551616/1s", "200/99999999999d", "200 /60s", "200/60 s"}) {
    const auto read = parse_limit(said);
    BOOST_REQUIRE_MESSAGE(!read, said);
    BOOST_TEST((read.error().code == errc::usage));
    const auto quoted = said.substr(said.find('/') == std::string::npos ? 0 : said.find('/') + 1);
    BOOST_TEST(read.error().what.find("'") != std::string::npos);
    BOOST_TEST(read.error().what.find(quoted) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(tiers_have_their_documented_figures_and_names) {
  BOOST_TEST((limits_of(tier::free) == std::vector<limit>{{10, 1min}, {100, 1h}}));
  BOOST_TEST((limits_of(tier::basic) == std::vector<limit>{{50, 1min}, {1000, 1h}}));
  BOOST_TEST((limits_of(tier::pro) == std::vector<limit>{{200, 1min}, {10000, 1h}}));
  BOOST_TEST((limits_of(tier::enterprise) == std::vector<limit>{{1000, 1min}}));
  for (const auto t : {tier::free, tier::basic, tier::pro, tier::enterprise})
    BOOST_TEST((tier_from_string(to_string(t)) == t));
  BOOST_TEST(!tier_from_string("auto"));
  BOOST_TEST(!tier_from_string("Free"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(estimate)

namespace {

/// Each request as soon as every limit lets it: a window after the one that many before it.
std::vector<duration> by_force(const std::vector<limit>& limits, std::size_t count) {
  std::vector<duration> turns;
  for (std::size_t i = 0; i < count; ++i) {
    duration turn{};
    for (const auto& l : limits)
      if (i >= l.requests) turn = std::max(turn, turns[i - l.requests] + l.window);
    turns.push_back(turn);
  }
  return turns;
}

} // namespace

BOOST_AUTO_TEST_CASE(is_what_a_simulation_says_where_the_counts_divide_each_other) {
  for (const auto& limits : {limits_of(tier::free),
                             limits_of(tier::basic),
                             limits_of(tier::pro),
                             limits_of(tier::enterprise),
                             std::vector<limit>{{1, 1s}},
                             std::vector<limit>{{100, 1h}, {10, 1min}},
                             std::vector<limit>{{10, 1min}, {10000, 1h}},
                             std::vector<limit>{{2, 1s}, {10, 1min}, {100, 1h}},
                             {}}) {
    const turn_estimate turn(limits);
    const auto turns = by_force(limits, 30000);
    for (std::size_t i = 0; i < turns.size(); ++i)
      BOOST_REQUIRE_MESSAGE(turn(i) == turns[i],
                            "request " << i << " of " << (limits.empty() ? "none" : to_string(limits.back())));
  }
}

BOOST_AUTO_TEST_CASE(is_nearly_that_elsewhere_never_later_and_never_falls) {
  for (const auto& limits :
       {std::vector<limit>{{2, 60s}, {3, 90s}}, std::vector<limit>{{7, 10s}, {100, 3min}},
        std::vector<limit>{{9, 89s}, {10, 100s}}, std::vector<limit>{{3, 1s}, {20, 10s}, {70, 1min}}}) {
    const turn_estimate turn(limits);
    const auto turns = by_force(limits, 3000);
    const auto longest = std::ranges::max(limits, {}, &limit::window).window;
    for (std::size_t i = 0; i < turns.size(); ++i) {
      BOOST_REQUIRE(turn(i) <= turns[i]);
      BOOST_REQUIRE(turn(i) + longest >= turns[i]);
      BOOST_REQUIRE(i == 0 || turn(i) >= turn(i - 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(does_not_overflow) {
  const turn_estimate turn({{1, 1h}});
  BOOST_TEST((turn(1'000'000) == 1'000'000h));
  BOOST_TEST((turn(3'000'000) == duration::max())); // 342 years
  BOOST_TEST((turn(UINT64_MAX) == duration::max()));
}

BOOST_AUTO_TEST_SUITE_END()
