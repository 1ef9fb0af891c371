#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <csignal>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;

/// Lets the program do something for a while: what a signal interrupts cannot be chosen but by time.
void let_it_run(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

void wait_until_accepted(const world& w, std::uint64_t jobs) {
  for (int i = 0; w.server().accepted() < jobs && i < 10'000; ++i)
    std::this_thread::sleep_for(1ms);
}

BOOST_AUTO_TEST_SUITE(cli_signals)

BOOST_AUTO_TEST_CASE(a_signal_stops_after_the_answers_that_are_out) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const world w({.latency = 100ms});
    write_file(w.manifest(), entries(0, 2000));
    const auto p = w.start(w.submit_command({"--max-in-flight", "4"}));
    wait_until_accepted(w, 10);
    p->signal(signal);
    const auto e = p->wait();
    BOOST_TEST(e.code == 75, e.err);
    BOOST_TEST(e.json()["stop_reason"] == "signal");
    const auto states = w.states();
    BOOST_TEST(states["in_doubt"] == 0);
    BOOST_TEST(states["sending"] == 0);
    BOOST_TEST(states["submitted"] == w.server().accepted());
  }
}

BOOST_AUTO_TEST_CASE(a_second_signal_stops_at_once_and_leaves_doubt) {
  const world w({.faults = "hang@11-"});
  write_file(w.manifest(), entries(0, 100));
  const auto p = w.start(w.submit_command({"--max-in-flight", "4"}));
  wait_until_accepted(w, 14);
  p->signal(SIGTERM);
  let_it_run(200ms);
  p->signal(SIGTERM);
  const auto e = p->wait();
  BOOST_TEST(e.code == 75, e.err);
  BOOST_TEST(w.states()["submitted"] == 10);
  BOOST_TEST(w.states()["in_doubt"] == 4);
  BOOST_TEST(w.states()["pending"] == 86);
}

BOOST_AUTO_TEST_CASE(the_drain_is_bounded) {
  const world w({.faults = "hang@3-"});
  write_file(w.manifest(), entries(0, 100));
  const auto p = w.start(w.submit_command({"--max-in-flight", "2", "--drain", "300ms"}));
  wait_until_accepted(w, 4);
  p->signal(SIGINT);
  const auto e = p->wait();
  BOOST_TEST(e.code == 75, e.err);
  BOOST_TEST(e.json()["jobs"]["in_doubt"] == 2);
}

BOOST_AUTO_TEST_CASE(a_slow_producer_is_not_waited_for_and_does_not_hold_a_stop_up) {
  const world w;
  int write_end = -1;
  const auto hold_open = [&](int to) {
    const auto text = entries(0, 3);
    BOOST_TEST_REQUIRE(::write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    write_end = ::dup(to);
  };
  mcbatch_process p({"submit", "-", "--ledger", w.dir / "l", "--limit", "100/1s", "--base-url", w.server().base_url(),
                     "--ca-file", w.dir / "ca.pem", "--summary", "json"},
                    w.environment, hold_open);
  wait_until_accepted(w, 3);
  BOOST_TEST(w.server().accepted() == 3);
  const auto more = entries(3, 4);
  BOOST_TEST_REQUIRE(::write(write_end, more.data(), more.size()) == static_cast<ssize_t>(more.size()));
  wait_until_accepted(w, 4);
  p.signal(SIGTERM);
  const auto e = p.wait();
  ::close(write_end);
  BOOST_TEST(e.code == 75, e.err);
  BOOST_TEST(e.json()["jobs"]["submitted"] == 4);
}

BOOST_AUTO_TEST_CASE(a_stop_while_the_manifest_is_read_leaves_sums_that_add_up) {
  const world w;
  write_file(w.manifest(), entries(0, 60'000));
  const auto p = w.start(w.submit_command({"--limit", "1/1h"}));
  wait_until_accepted(w, 1);
  p->signal(SIGINT);
  const auto e = p->wait();
  BOOST_TEST(e.code == 75, e.err);
  const auto jobs = e.json()["jobs"];
  int sum = 0;
  for (const auto& [name, count] : jobs.items())
    if (name != "read") sum += count.get<int>();
  BOOST_TEST(jobs["read"] == sum);
  BOOST_TEST(w.states()["total"] == jobs["read"]);
}

BOOST_AUTO_TEST_CASE(hangup_reads_the_token_again) {
  const world w({.latency = 20ms});
  write_file(w.manifest(), entries(0, 50));
  write_file(w.dir / "token", std::string(world::token) + "\n");
  ::chmod((w.dir / "token").c_str(), 0600);
  const auto p = w.start(w.submit_command({"--token-file", w.dir / "token", "--max-in-flight", "1"}));
  wait_until_accepted(w, 5);
  write_file(w.dir / "token", "mc_test_wrong\n");
  p->signal(SIGHUP);
  const auto e = p->wait();
  BOOST_TEST(e.code == 77, e.err); // the new one is in use, and it is no good
  BOOST_TEST(e.json()["jobs"]["pending"].get<int>() > 0);
}

BOOST_AUTO_TEST_CASE(two_runs_cannot_hold_one_ledger) {
  const world w({.latency = 2s});
  write_file(w.manifest(), entries(0, 100));
  const auto first = w.start(w.submit_command());
  wait_until_accepted(w, 1);
  const auto second = w.submit();
  BOOST_TEST(second.code == 73, second.err);
  first->signal(SIGKILL);
  first->wait();
  BOOST_TEST(w.submit({"--max-jobs", "1", "--lock-wait", "5s"}).code == 75);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
