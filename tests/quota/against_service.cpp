#define BOOST_TEST_DYN_LINK
#include "quota/simulation.hpp"

#include <mcbatch/sandbox/service.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace mcbatch::quota::test;
using namespace std::chrono_literals;

namespace {

constexpr wall_time civil_start{std::chrono::seconds(1705314600)}; // half past ten

/// The local double of the service behind a network that takes its time.
class double_of_the_service {
public:
  double_of_the_service(tier t, sandbox::window_kind window, sandbox::header_kind headers, duration skew)
      : service_(sandbox::service::make(options(t, window, headers, skew)).value()) {
    me_.target = "/api/v1/me";
    me_.fields.add("Authorization", "Bearer mc_test_1");
  }

  answer operator()(instant now) {
    const auto wall = civil_start + std::chrono::floor<wall_time::duration>(now - start);
    const auto handled = service_.handle(me_, {now, wall});
    // Our own clock is ten minutes slow.
    return {handled.answer.status == 429, parse_rate_headers(handled.answer.fields, wall - 10min)};
  }

private:
  static sandbox::service_options options(tier t, sandbox::window_kind window, sandbox::header_kind headers,
                                          duration skew) {
    sandbox::service_options o;
    o.token = "mc_test_1";
    for (const auto& [requests, length] : limits_of(t))
      o.limits.push_back({requests, length});
    o.window = window;
    o.headers = headers;
    o.clock_skew = skew;
    return o;
  }

  sandbox::service service_;
  request me_;
};

constexpr std::array tiers{tier::free, tier::basic, tier::pro, tier::enterprise};
const std::pair<const char*, sandbox::window_kind> windows[] = {{"fixed", sandbox::window_kind::fixed},
                                                                {"sliding", sandbox::window_kind::sliding},
                                                                {"bucket", sandbox::window_kind::bucket}};
const std::pair<const char*, sandbox::header_kind> kinds[] = {
    {"hour", sandbox::header_kind::hour},         {"minute", sandbox::header_kind::minute},
    {"none", sandbox::header_kind::none},         {"millis", sandbox::header_kind::millis},
    {"relative", sandbox::header_kind::relative}, {"past", sandbox::header_kind::past},
    {"garbage", sandbox::header_kind::garbage},   {"shuffled", sandbox::header_kind::shuffled}};

/// What the strictest of a tier's windows lets through, each window a round trip longer.
double allowed(tier t, duration for_how_long, duration round_trip) {
  double least = 1e18;
  for (const auto& l : limits_of(t)) {
    const auto windows_in_it =
        static_cast<double>(for_how_long.count()) / static_cast<double>((stretched(l.window) + round_trip).count());
    least = std::min(least, windows_in_it * static_cast<double>(l.requests));
  }
  return least;
}

duration length_of(tier t) {
  return t == tier::enterprise ? 8min : t == tier::pro ? 140min : 4h;
}

} // namespace

BOOST_AUTO_TEST_SUITE(against_the_service)

BOOST_AUTO_TEST_CASE(no_reading_of_the_limits_ever_refuses_and_most_of_them_is_used) {
  for (const auto t : tiers) {
    const auto runs_for = length_of(t);
    for (const auto& [reading, window] : windows)
      for (const auto& [headers, kind] : kinds) {
        const auto what = std::string(to_string(t)) + ", " + reading + ", " + headers;
        governor g({.ceiling = t}, 1, random_source(1));
        double_of_the_service service(t, window, kind, 37s);
        simulation s(g, {400ms}, std::ref(service), random_source(2));
        s.run_until(start + runs_for);
        BOOST_TEST(s.refused() == 0U, what << ": refused " << s.refused());
        const auto used = static_cast<double>(s.left().size()) / allowed(t, runs_for, 800ms);
        BOOST_TEST(used > 0.9, what << ": used only " << used);
      }
  }
}

BOOST_AUTO_TEST_CASE(nor_where_the_tier_has_to_be_found) {
  for (const auto t : tiers) {
    for (const auto& [reading, window] : windows)
      for (const auto& [headers, kind] : kinds) {
        const auto what = std::string(to_string(t)) + ", " + reading + ", " + headers;
        governor g({}, 1, random_source(1));
        double_of_the_service service(t, window, kind, -90s);
        simulation s(g, {400ms}, std::ref(service), random_source(2));
        s.run_until(start + length_of(t));
        BOOST_TEST(s.refused() == 0U, what);
        BOOST_TEST((g.current_tier() <= t), what << ": took it for " << to_string(g.current_tier()));
        const bool tells = kind != sandbox::header_kind::none && kind != sandbox::header_kind::garbage;
        // An Enterprise minute can be told from Basic's hour only where it turns at once.
        if (tells &&
            (t != tier::enterprise || (window == sandbox::window_kind::fixed && kind != sandbox::header_kind::past)))
          BOOST_TEST((g.current_tier() == t), what << ": took it for " << to_string(g.current_tier()));
      }
  }
}

BOOST_AUTO_TEST_CASE(losses_and_slow_answers_do_not_make_it_exceed_a_limit) {
  for (const auto t : tiers) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
      for (const auto& [reading, window] : windows)
        for (const auto kind : {sandbox::header_kind::hour, sandbox::header_kind::none}) {
          governor g({.ceiling = t}, 1, random_source(seed));
          double_of_the_service service(t, window, kind, 0s);
          simulation s(g, {5s, 0.02}, std::ref(service), random_source(seed));
          s.run_until(start + length_of(t));
          BOOST_TEST(s.refused() == 0U, to_string(t) << ", " << reading << ", seed " << seed);
        }
  }
}

BOOST_AUTO_TEST_SUITE_END()
