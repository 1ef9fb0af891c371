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

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
