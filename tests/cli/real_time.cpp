#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(cli_real_time)

/// The whole program against the documented limits, in real time: 25 jobs on Free take two minutes, since the third ten
/// may not leave before. Virtual time shows the rule; this shows that the program's clocks and timers keep it.
BOOST_AUTO_TEST_CASE(free_tier_keeps_ten_in_any_minute) {
  const world w({.limits = {{10, 1min}, {100, 1h}},
                 .window = sandbox::window_kind::sliding,
                 .headers = sandbox::header_kind::hour});
  write_file(w.manifest(), entries(0, 25));
  const auto p = w.start({"submit", w.manifest(), "--summary", "json"});
  const auto run = p->wait(300s);
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["jobs"]["submitted"] == 25);
  BOOST_TEST(w.server().refused() == 0);
  const auto counted = w.server().counted();
  for (std::size_t i = 10; i < counted.size(); ++i)
    BOOST_TEST((counted[i] - counted[i - 10]).count() >= duration(1min).count());
  BOOST_TEST(run.json()["elapsed_s"].get<double>() < 125);
}

/// Two limits in windows of seconds, of which each binds in its turn: 20 after 0, 3, 9, 12 and 18 seconds, and not one
/// refused. What is lost of the optimum is well below a hundredth; the machine may be busy.
BOOST_AUTO_TEST_CASE(windows_of_seconds_are_used_to_the_full_and_never_exceeded) {
  const world w({.limits = {{20, 3s}, {40, 9s}}, .window = sandbox::window_kind::sliding});
  write_file(w.manifest(), entries(0, 90));
  const auto p = w.start({"submit", w.manifest(), "--limit", "20/3s", "--limit", "40/9s", "--summary", "json"});
  const auto run = p->wait(100s);
  BOOST_TEST(run.code == 0, run.err);
  const auto summary = run.json();
  BOOST_TEST(summary["jobs"]["submitted"] == 90);
  BOOST_TEST(summary["requests"]["rate_limited"] == 0);
  BOOST_TEST(w.server().refused() == 0);
  const auto counted = w.server().counted();
  BOOST_TEST_REQUIRE(counted.size() == 90U);
  for (std::size_t i = 20; i < counted.size(); ++i)
    BOOST_TEST((counted[i] - counted[i - 20]).count() >= duration(3s).count());
  for (std::size_t i = 40; i < counted.size(); ++i)
    BOOST_TEST((counted[i] - counted[i - 40]).count() >= duration(9s).count());
  const auto took = std::chrono::duration<double>(counted.back() - counted.front()).count();
  BOOST_TEST(took < 18 * 1.05);
  const auto share = summary["quota"]["used_share"].get<double>();
  BOOST_TEST(share > 0.95);
  BOOST_TEST(share < 18 / took + 0.01); // what the run says of itself is what the service saw
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
