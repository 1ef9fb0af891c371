// Each fault of the network and of the service, against the real program: the state in which the job ends, and that the
// sandbox's journal and the ledger agree.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Holds the journal against the ledger: no job was accepted twice, what is submitted was accepted under the id that
/// the ledger has, and what was accepted is submitted or in doubt.
void check_journal(const world& w) {
  std::map<std::string, std::string> ids;
  for (const auto& line : w.server().journal_lines()) {
    const auto record = nlohmann::json::parse(line);
    const auto url = record["output_url"].get<std::string>();
    BOOST_TEST(ids.emplace(url, record["id"].get<std::string>()).second, url << " was accepted twice");
  }
  for (const auto& job : w.exported()) {
    const auto url = job["output_url"].get<std::string>();
    const auto accepted = ids.find(url);
    if (job["state"] == "submitted") {
      BOOST_REQUIRE_MESSAGE(accepted != ids.end(), url << " is submitted and was never accepted");
      BOOST_TEST(job["job_id"] == accepted->second);
    } else if (job["state"] != "in_doubt") {
      BOOST_TEST((accepted == ids.end()), url << " was accepted and is " << job["state"]);
    }
  }
}

struct expected {
  const char* state;           ///< of the second of three jobs; the others are submitted
  bool accepted;               ///< whether the sandbox's journal has it
  const char* says{};          ///< part of the message that the ledger keeps
  int connections = 0;         ///< that the run makes; 0: not looked at
  const char* timeout = "30s"; ///< short only where it is waited for
};

/// Submits three jobs, one after the other, of which the fault strikes the second.
ended strike_the_second(const char* faults, const expected& e, const std::string& manifest = entries(0, 3)) {
  const world w({.faults = faults});
  write_file(w.manifest(), manifest);
  const auto begin = std::chrono::steady_clock::now();
  const auto run = w.submit({"--max-in-flight", "1", "--timeout", e.timeout});
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 25s)); // no fault holds a run up for the whole of 30s
  const auto jobs = w.exported();
  BOOST_REQUIRE_MESSAGE(jobs.size() == 3, run.err);
  BOOST_TEST(jobs[0]["state"] == "submitted");
  BOOST_TEST(jobs[1]["state"] == e.state, jobs[1]);
  BOOST_TEST(jobs[2]["state"] == "submitted");
  BOOST_TEST(run.code == (std::string(e.state) == "submitted" ? 0 : 1), run.err);
  BOOST_TEST(w.server().accepted() == (e.accepted ? 3U : 2U));
  if (e.says != nullptr) BOOST_TEST(holds(jobs[1]["message"].get<std::string>(), e.says), jobs[1]);
  if (e.connections != 0) BOOST_TEST(w.server().connections() == static_cast<unsigned>(e.connections));
  check_journal(w);
  return run;
}

/// Submits three jobs through faults of connections that end the run before any of them leaves.
ended strike_all(const char* faults, const char* stop_reason, const char* timeout = "30s") {
  const world w({.faults = faults});
  write_file(w.manifest(), entries(0, 3));
  const auto run = w.submit({"--timeout", timeout, "--max-outage", "500ms"});
  BOOST_TEST(run.code == 69, run.err);
  BOOST_TEST(run.json()["stop_reason"] == stop_reason);
  BOOST_TEST(run.json()["jobs"]["pending"] == 3);
  for (const auto& job : w.exported()) {
    BOOST_TEST(job["state"] == "pending");
    BOOST_TEST(job["attempts"] == 0);
  }
  BOOST_TEST(w.server().counted().empty());
  check_journal(w);
  return run;
}

BOOST_AUTO_TEST_SUITE(cli_faults)

// ---- before a byte of the request: pending

BOOST_AUTO_TEST_CASE(connection_refused) {
  const auto run = strike_all("refused@1-", "outage");
  BOOST_TEST(holds(run.err, "refused"), run.err);
}

BOOST_AUTO_TEST_CASE(connection_refused_for_a_while) {
  strike_the_second("early-close@1,refused@2", {"submitted", true});
}

BOOST_AUTO_TEST_CASE(black_hole) {
  const auto run = strike_all("blackhole@1-", "outage", "300ms");
  BOOST_TEST(holds(run.err, "within 300ms"), run.err);
}

/// A black hole that swallows the SYN already: a listener that accepts nobody, its queue full.
BOOST_AUTO_TEST_CASE(black_hole_without_a_connection) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  BOOST_REQUIRE(::bind(listener, address, size) == 0);
  BOOST_REQUIRE(::listen(listener, 0) == 0);
  BOOST_REQUIRE(::getsockname(listener, address, &size) == 0);
  std::vector<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(fillers.back(), address, size); // some stay under way
  }
  const world w;
  write_file(w.manifest(), entries(0, 3));
  const auto base = "https://127.0.0.1:" + std::to_string(ntohs(at.sin_port)) + "/api/v1";
  const auto run = mcbatch_process({"submit", w.manifest(), "--base-url", base, "--timeout", "300ms", "--max-outage",
                                    "500ms", "--limit", "1000/1s", "--summary", "json"},
                                   w.environment)
                       .wait();
  BOOST_TEST(run.code == 69, run.err);
  BOOST_TEST(run.json()["stop_reason"] == "outage");
  BOOST_TEST(w.states()["pending"] == 3);
  for (const int f : fillers)
    ::close(f);
  ::close(listener);
}

BOOST_AUTO_TEST_CASE(black_hole_for_one_connection) {
  strike_the_second("early-close@1,blackhole@2", {"submitted", true, nullptr, 0, "2s"});
}

BOOST_AUTO_TEST_CASE(reset_before_the_request) {
  const auto run = strike_all("reset-before@1-", "outage");
  // Some resets overtake the end of connect(2).
  BOOST_TEST((holds(run.err, "handshake") || holds(run.err, "reset by peer")), run.err);
  strike_the_second("early-close@1,reset-before@2", {"submitted", true});
}

// ---- certificates: nothing leaves, and the run stops

BOOST_AUTO_TEST_CASE(expired_certificate) {
  const auto run = strike_all("expired-cert@1-", "tls");
  BOOST_TEST(holds(run.json()["problem"].get<std::string>(), "expired"), run.out);
}

BOOST_AUTO_TEST_CASE(self_signed_certificate) {
  const auto run = strike_all("self-signed-cert@1-", "tls");
  BOOST_TEST(holds(run.json()["problem"].get<std::string>(), "self-signed"), run.out);
}

BOOST_AUTO_TEST_CASE(certificate_of_another_host) {
  const auto run = strike_all("wrong-host-cert@1-", "tls");
  BOOST_TEST(holds(run.json()["problem"].get<std::string>(), "mismatch"), run.out);
}

BOOST_AUTO_TEST_CASE(certificate_that_turns_bad_during_a_run) {
  const world w({.faults = "early-close@1,expired-cert@2"});
  write_file(w.manifest(), entries(0, 3));
  const auto run = w.submit({"--max-in-flight", "1"});
  BOOST_TEST(run.code == 69, run.err);
  BOOST_TEST(run.json()["stop_reason"] == "tls");
  BOOST_TEST(w.states()["submitted"] == 1);
  BOOST_TEST(w.states()["pending"] == 2);
  check_journal(w);
  BOOST_TEST(w.submit().code == 0);
  check_journal(w);
}

// ---- a byte has left and no whole answer came: in doubt

BOOST_AUTO_TEST_CASE(reset_in_the_request) {
  strike_the_second("early-close@1,reset-in@2", {"in_doubt", false, "broke"});
}

/// So large that the reset comes while the request is being written.
BOOST_AUTO_TEST_CASE(reset_in_a_large_request) {
  auto large = entry_text(1);
  large.insert(1, R"("note":")" + std::string(900'000, 'x') + R"(",)");
  strike_the_second("early-close@1,reset-in@2", {"in_doubt", false, "broke"},
                    entry_text(0) + "\n" + large + "\n" + entry_text(2) + "\n");
}

BOOST_AUTO_TEST_CASE(reset_after_the_request) {
  strike_the_second("reset-after@2", {"in_doubt", true, "broke"});
}

BOOST_AUTO_TEST_CASE(slow_answer) {
  strike_the_second("slow@2", {"in_doubt", true, "within 2s", 0, "2s"});
}

/// Within --timeout it is an answer like any other.
BOOST_AUTO_TEST_CASE(slow_answer_in_time) {
  const world w({.faults = {}, .latency = 200ms});
  write_file(w.manifest(), entries(0, 1));
  BOOST_TEST(w.submit().code == 0);
  check_journal(w);
}

BOOST_AUTO_TEST_CASE(no_answer) {
  strike_the_second("hang@2", {"in_doubt", true, "within 2s", 0, "2s"});
}

BOOST_AUTO_TEST_CASE(truncated_body) {
  strike_the_second("truncated@2", {"in_doubt", true, "broke"});
}

BOOST_AUTO_TEST_CASE(content_length_too_long) {
  strike_the_second("long-length@2", {"in_doubt", true, "within 2s", 0, "2s"});
}

/// Half of an answer is none, and its other half is not the answer to the next request.
BOOST_AUTO_TEST_CASE(content_length_too_short) {
  strike_the_second("short-length@2", {"in_doubt", true, "without a job's id", 2});
}

BOOST_AUTO_TEST_CASE(broken_chunks) {
  strike_the_second("bad-chunks@2", {"in_doubt", true, "chunk"});
}

/// Which of the two holds is what a smuggler plays with: such an answer is believed in neither reading (RFC 9112,
/// section 6.3).
BOOST_AUTO_TEST_CASE(both_framings_at_once) {
  strike_the_second("both-framings@2", {"in_doubt", true, "broke", 2});
}

BOOST_AUTO_TEST_CASE(endless_headers) {
  strike_the_second("endless-headers@2", {"in_doubt", true, "larger"});
}

BOOST_AUTO_TEST_CASE(flood_of_1xx) {
  strike_the_second("1xx-flood@2", {"in_doubt", true, "interim"});
}

// ---- a whole answer that says nothing: in doubt

BOOST_AUTO_TEST_CASE(unasked_gzip) {
  strike_the_second("gzip@2", {"in_doubt", true, "without a job's id"});
}

BOOST_AUTO_TEST_CASE(success_without_id) {
  strike_the_second("noid@2", {"in_doubt", true, "without a job's id"});
}

BOOST_AUTO_TEST_CASE(html_in_place_of_json) {
  strike_the_second("html@2", {"in_doubt", false, "Please log in"});
}

// ---- a whole answer: it counts, whatever becomes of its connection

BOOST_AUTO_TEST_CASE(surplus_bytes_after_an_answer) {
  strike_the_second("surplus@2", {"submitted", true, nullptr, 2});
  strike_the_second("surplus@1-", {"submitted", true, nullptr, 3});
}

BOOST_AUTO_TEST_CASE(early_close_of_keep_alive_connections) {
  strike_the_second("early-close@1-", {"submitted", true, nullptr, 3});
}

BOOST_AUTO_TEST_CASE(early_close_with_many_in_flight) {
  const world w({.faults = "early-close@1-"});
  write_file(w.manifest(), entries(0, 100));
  const auto run = w.submit({"--max-in-flight", "8"});
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["requests"]["sent"] == 100);
  check_journal(w);
}

BOOST_AUTO_TEST_CASE(close_without_close_notify) {
  strike_the_second("no-close-notify@1-", {"submitted", true, nullptr, 3});
}

/// Without a length, only close_notify tells an answer's end from a cut by somebody in between (RFC 8446, section 6.1).
BOOST_AUTO_TEST_CASE(close_without_close_notify_of_an_answer_without_length) {
  strike_the_second("close-delimited@2", {"in_doubt", true, "broke"});
}

// ---- the probe of an outage meets faults as well, and the run ends in time

BOOST_AUTO_TEST_CASE(faults_on_the_probe) {
  for (const std::string fault : {"hang", "slow", "endless-headers", "html"}) {
    BOOST_TEST_CONTEXT(fault) {
      const world w({.faults = "lost@1-5,all/" + fault + "@6-"});
      write_file(w.manifest(), entries(0, 20));
      const auto begin = std::chrono::steady_clock::now();
      const auto run = w.submit({"--max-in-flight", "1", "--timeout", "1s", "--max-outage", "500ms"});
      BOOST_TEST((std::chrono::steady_clock::now() - begin < 30s));
      BOOST_TEST(run.code == 69, run.err);
      BOOST_TEST(run.json()["stop_reason"] == "outage");
      BOOST_TEST(w.states()["in_doubt"] == 5);
      BOOST_TEST(w.states()["pending"] == 15);
      BOOST_TEST(w.server().accepted() == 5U);
      check_journal(w);
    }
  }
}

BOOST_AUTO_TEST_CASE(connection_faults_on_the_probe) {
  for (const std::string fault : {"refused", "blackhole"}) {
    BOOST_TEST_CONTEXT(fault) {
      const world w({.faults = "lost@1-5," + fault + "@6-"});
      write_file(w.manifest(), entries(0, 20));
      const auto run = w.submit({"--max-in-flight", "1", "--timeout", "1s", "--max-outage", "500ms"});
      BOOST_TEST(run.code == 69, run.err);
      BOOST_TEST(run.json()["stop_reason"] == "outage");
      BOOST_TEST(w.states()["in_doubt"] == 5);
      BOOST_TEST(w.states()["pending"] == 15);
      check_journal(w);
    }
  }
}

/// A certificate that does not verify is no outage that passes: the run stops at once.
BOOST_AUTO_TEST_CASE(certificate_that_turns_bad_on_the_probe) {
  const world w({.faults = "lost@1-5,wrong-host-cert@6-"});
  write_file(w.manifest(), entries(0, 20));
  const auto run = w.submit({"--max-in-flight", "1", "--max-outage", "60s"});
  BOOST_TEST(run.code == 69, run.err);
  BOOST_TEST(run.json()["stop_reason"] == "tls");
  check_journal(w);
}

// ---- many faults at once

BOOST_AUTO_TEST_CASE(every_fault_by_chance) {
  const world w({.faults = "reset-before:0.05,reset-in:0.05,reset-after:0.03,lost:0.03,drop:0.03,truncated:0.03,"
                           "short-length:0.03,bad-chunks:0.03,both-framings:0.03,endless-headers:0.03,1xx-flood:0.03,"
                           "gzip:0.03,noid:0.03,html:0.03,surplus:0.05,early-close:0.1,no-close-notify:0.05,"
                           "close-delimited:0.03,503:0.03,500+:0.03,hang:0.01"});
  write_file(w.manifest(), entries(0, 300));
  const auto run = w.submit({"--timeout", "1s", "--max-in-flight", "16", "--max-duration", "6s"});
  BOOST_TEST((run.code == 1 || run.code == 75), run.err);
  check_journal(w);
  const auto states = w.states();
  BOOST_TEST(states["sending"] == 0);
  BOOST_TEST(states["submitted"] > 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
