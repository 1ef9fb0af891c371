#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/doubt.hpp>
#include <mcbatch/report/summary.hpp>

using namespace mcbatch;
using namespace mcbatch::report;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(doubt)

BOOST_AUTO_TEST_CASE(it_says_how_many_and_what_to_do_in_commands_that_a_shell_takes) {
  const auto steps = doubt_steps(1200, "my ledger");
  BOOST_TEST(steps.starts_with("1,200 jobs are in doubt: "), steps);
  BOOST_TEST(holds(steps, " mcbatch reconcile 'my ledger'\n"), steps);
  BOOST_TEST(holds(steps, " mcbatch export 'my ledger' --state in_doubt,sending\n"), steps);
  BOOST_TEST(holds(steps, " mcbatch retry 'my ledger' --in-doubt && mcbatch submit --ledger 'my ledger'\n"), steps);
  BOOST_TEST(doubt_steps(1, "l").starts_with("1 job is in doubt: "));
  BOOST_TEST(!holds(undecided_steps("l"), "reconcile"));
}

BOOST_AUTO_TEST_CASE(the_summary_of_a_run_counts_what_it_had_in_flight_as_in_doubt) {
  const run_stats stats(instant{});
  run_summary s{"ledger", 74, {"a.jsonl"}, "a.jsonl.ledger",   {}, {}, stats, {}, "free",
                true,     {}, {},          "The disk is full."};
  BOOST_TEST(!holds(to_text(s), "in doubt"));
  s.states[job_state::in_doubt] = 2;
  s.states[job_state::sending] = 3;
  const auto text = to_text(s);
  BOOST_TEST(holds(text, "\n5 jobs are in doubt: "), text);
  BOOST_TEST(holds(text, "mcbatch reconcile a.jsonl.ledger\n"), text);
}

BOOST_AUTO_TEST_SUITE_END()
