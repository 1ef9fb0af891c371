#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <csignal>
#include <thread>

#include <sys/resource.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <class Condition>
void wait_until(Condition holds_now) {
  for (int i = 0; !holds_now() && i < 30'000; ++i)
    std::this_thread::sleep_for(1ms);
  BOOST_TEST(holds_now());
}

/// Each job that the ledger calls submitted was accepted, and none more than once. Returns the states.
std::map<std::string, std::size_t> check_once_each(const world& w, std::map<std::string, int> accepted) {
  for (const auto& [url, count] : accepted)
    BOOST_TEST(count == 1, url);
  std::map<std::string, std::size_t> states;
  for (const auto& r : w.exported()) {
    const auto state = r["state"].get<std::string>();
    ++states[state];
    if (state == "submitted") BOOST_TEST(accepted.contains(r["output_url"]));
    if (state == "pending") BOOST_TEST(!accepted.contains(r["output_url"]));
  }
  return states;
}

/// The program with a limit on open files, as a shell would set it.
ended submit_with_files(const world& w, const std::string& limits, const strings& more) {
  std::string command = "ulimit " + limits + "; exec " MCBATCH_PROGRAM;
  for (const auto& word : w.submit_command(more))
    command += " '" + word + "'";
  command += " --base-url " + w.server().base_url() + " --ca-file " + w.dir / "ca.pem";
  return mcbatch_process::shell(command, w.environment).wait();
}

BOOST_AUTO_TEST_SUITE(cli_machine)

BOOST_AUTO_TEST_CASE(few_open_files_mean_fewer_requests_at_once) {
  struct row {
    const char* limits;
    bool warned;
  };
  for (const auto& row : {row{"-n 40", true}, row{"-n 33", true}, row{"-S -n 40", false}}) {
    BOOST_TEST_CONTEXT("ulimit " << row.limits) {
      const world w({.latency = 10ms});
      write_file(w.manifest(), entries(0, 200));
      const auto run = submit_with_files(w, row.limits, {"--max-in-flight", "64"});
      BOOST_TEST(run.code == 0, run.err);
      BOOST_TEST(run.json()["requests"]["failed"] == 0);
      BOOST_TEST(holds(run.err, "ulimit -n") == row.warned, run.err);
      BOOST_TEST(check_once_each(w, w.accepted())["submitted"] == 200u);
    }
  }
}

BOOST_AUTO_TEST_CASE(too_few_open_files_are_a_sentence_and_nothing_is_sent) {
  for (const auto* limits : {"-n 32", "-n 20", "-n 12", "-n 6"}) {
    const world w;
    write_file(w.manifest(), entries(0, 5));
    const auto run = submit_with_files(w, limits, {});
    BOOST_TEST(run.code == 78, limits << ": " << run.err);
    BOOST_TEST(run.err.starts_with("mcbatch: "), run.err);
    BOOST_TEST(holds(run.err, "ulimit -n"), run.err);
    BOOST_TEST(w.server().accepted() == 0u);
    BOOST_TEST(!std::filesystem::exists(w.ledger()));
    BOOST_TEST(w.submit().code == 0);
    for (const auto* command : {"status", "export"}) {
      const auto read =
          mcbatch_process::shell(std::string("ulimit -n 4; exec " MCBATCH_PROGRAM " ") + command + " " + w.ledger(),
                                 w.environment)
              .wait();
      // Fewer and no program starts. If they do not suffice, it says so.
      const bool says_so = read.code == 66 && holds(read.err, w.ledger()) && holds(read.err, "open files");
      BOOST_TEST((read.code == 0 || says_so), read.code << read.err);
    }
  }
}

/// Files that run out in the middle, by a limit that somebody lowers, are connections that do not come about.
BOOST_AUTO_TEST_CASE(files_that_run_out_in_the_middle_lose_nothing) {
  const world w({.faults = "drop@30-34", .latency = 20ms});
  write_file(w.manifest(), entries(0, 300));
  const auto p = w.start(w.submit_command({"--max-in-flight", "16"}));
  wait_until([&] { return w.server().accepted() >= 20; });
  p->limit_open_files(12);
  std::this_thread::sleep_for(500ms); // the drops have closed connections, and no new one can be had
  p->limit_open_files(256);
  const auto e = p->wait();
  BOOST_TEST((e.code == 0 || e.code == 1), e.err);
  auto states = check_once_each(w, w.accepted());
  BOOST_TEST(states["submitted"] + states["in_doubt"] == 300u);
  BOOST_TEST(states["in_doubt"] <= 5u);
}

BOOST_AUTO_TEST_CASE(a_run_that_was_suspended_for_longer_than_its_timeouts_goes_on) {
  const world w({.latency = 300ms});
  write_file(w.manifest(), entries(0, 40));
  const auto p = w.start(w.submit_command({"--max-in-flight", "4", "--timeout", "1s"}));
  for (const std::uint64_t jobs : {6U, 20U}) {
    wait_until([&] { return w.server().accepted() >= jobs; });
    p->signal(SIGSTOP);
    std::this_thread::sleep_for(2s); // it is the time that passes while it cannot see it
    p->signal(SIGCONT);
  }
  const auto e = p->wait();
  BOOST_TEST((e.code == 0 || e.code == 1), e.err);
  auto states = check_once_each(w, w.accepted());
  BOOST_TEST(states["submitted"] + states["in_doubt"] == 40u);
  BOOST_TEST(states["in_doubt"] <= 8u);
  BOOST_TEST(w.accepted().size() >= 32u);
}

/// A service at "localhost", whose address is what the test says.
struct named_world {
  explicit named_world(const std::string& dns) {
    service_.token = world::token;
    service_.latency = 10ms;
    serving_.tls = sandbox::make_identity().value();
    write_file(w.dir / "named.pem", serving_.tls.ca_pem);
    w.environment["LD_PRELOAD"] = MCBATCH_INTERPOSED;
    w.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
    w.environment["MCBATCH_TEST_DNS"] = w.dir / "dns";
    resolve_to(dns);
  }

  void resolve_to(const std::string& answer) const {
    write_file(w.dir / "dns.new", answer);
    std::filesystem::rename(w.dir / "dns.new", w.dir / "dns"); // never seen half written
  }

  std::unique_ptr<sandbox::server> serve(const std::string& address) {
    serving_.address = address;
    auto server = sandbox::server::start(sandbox::service::make(service_).value(), serving_).value();
    serving_.port = server->port(); // the next one has the same
    return server;
  }

  [[nodiscard]] std::unique_ptr<mcbatch_process> submit(const strings& more) const {
    auto command = w.submit_command({"--base-url", "https://localhost:" + std::to_string(serving_.port) + "/api/v1",
                                     "--ca-file", w.dir / "named.pem"});
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<mcbatch_process>(command, w.environment);
  }

  world w;

private:
  sandbox::service_options service_;
  sandbox::server_options serving_;
};

void add_accepted(std::map<std::string, int>& to, const sandbox::server& server) {
  for (const auto& line : server.journal_lines())
    ++to[nlohmann::json::parse(line)["output_url"].get<std::string>()];
}

BOOST_AUTO_TEST_CASE(a_name_that_cannot_be_looked_up_for_a_while_and_then_means_another_address) {
  constexpr std::size_t jobs = 200;
  named_world n("127.0.0.1");
  write_file(n.w.manifest(), entries(0, jobs));
  auto before = n.serve("127.0.0.1");
  const auto p = n.submit({"--max-in-flight", "4"});
  wait_until([&] { return before->accepted() >= 20; });
  n.resolve_to("fail");
  before->stop();                  // what is on its way is in doubt, and whatever comes next is not
  std::this_thread::sleep_for(1s); // it asks in vain meanwhile
  const auto after = n.serve("127.0.0.2");
  n.resolve_to("127.0.0.2");
  const auto e = p->wait();
  BOOST_TEST((e.code == 0 || e.code == 1), e.err);
  std::map<std::string, int> accepted;
  add_accepted(accepted, *before);
  add_accepted(accepted, *after);
  auto states = check_once_each(n.w, accepted);
  BOOST_TEST(states["submitted"] + states["in_doubt"] == jobs);
  BOOST_TEST(states["in_doubt"] <= 4u);
  BOOST_TEST(after->accepted() >= jobs / 2);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_found_leaves_all_jobs_pending) {
  named_world n("fail");
  write_file(n.w.manifest(), entries(0, 10));
  const auto server = n.serve("127.0.0.1");
  const auto e = n.submit({"--max-outage", "500ms"})->wait();
  BOOST_TEST(e.code == 69, e.err);
  BOOST_TEST(e.json()["jobs"]["pending"] == 10);
  BOOST_TEST(holds(e.json()["problem"], "cannot be found"), e.out);
  BOOST_TEST(holds(e.json()["problem"], "DNS"), e.out);
}

BOOST_AUTO_TEST_CASE(a_lookup_that_hangs_holds_up_neither_the_next_nor_the_end) {
  named_world n("hang");
  write_file(n.w.manifest(), entries(0, 10));
  const auto server = n.serve("127.0.0.1");
  {
    const auto p = n.submit({"--timeout", "500ms"});
    std::this_thread::sleep_for(1s);
    n.resolve_to("127.0.0.1"); // the first still hangs, for minutes
    const auto e = p->wait();
    BOOST_TEST(e.code == 0, e.err);
    BOOST_TEST(server->accepted() == 10u);
  }
  n.resolve_to("hang");
  append_file(n.w.manifest(), entries(10, 20));
  for (const int signals : {1, 2}) {
    const auto p = n.submit({"--drain", signals == 1 ? "300ms" : "100s", "--timeout", "100s"});
    wait_until([&] { return n.w.states()["total"] == 20; });
    std::this_thread::sleep_for(300ms); // by now it looks the name up
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < signals; ++i) {
      p->signal(SIGTERM);
      std::this_thread::sleep_for(100ms); // two at once are one
    }
    const auto e = p->wait();
    BOOST_TEST(e.code == 75, e.err);
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 20s));
    BOOST_TEST(e.json()["jobs"]["pending"] == 10);
    BOOST_TEST(e.json()["jobs"]["in_doubt"] == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
