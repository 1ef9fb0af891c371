#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "sandbox/tls_client.hpp"

#include <mcbatch/sandbox/server.hpp>

#include <fmt/format.h>
#include <openssl/tls1.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using mcbatch::sandbox::tests::tls_client;
using namespace std::chrono_literals;

namespace {

/// One for all tests: keys take time to make.
const identity& good() {
  static const identity made = make_identity().value();
  return made;
}

std::unique_ptr<server> start(service_options o = {}, server_options listen = {}) {
  if (o.token.empty()) o.token = "mc_test_good";
  if (listen.tls.key_pem.empty()) listen.tls = good();
  return server::start(service::make(std::move(o)).value(), std::move(listen)).value();
}

std::unique_ptr<server> start_with_faults(std::string spec) {
  service_options o;
  o.faults = std::move(spec);
  return start(std::move(o));
}

constexpr std::string_view good_body =
    R"({"job_type":"video","input_url":"i","output_url":"o","input_format":"mp4","output_format":"webm"})";

std::string message(std::string_view line, std::string_view body = {}, std::string_view more = {}) {
  return fmt::format("{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer mc_test_good\r\nContent-Length: {}\r\n{}\r\n{}",
                     line, body.size(), more, body);
}

const std::string post = message("POST /api/v1/conversion_jobs", good_body);
const std::string get_me = message("GET /api/v1/me");

tls_client connect(const server& s) {
  return tls_client(s.port(), good().ca_pem);
}

} // namespace

BOOST_AUTO_TEST_SUITE(servers)

BOOST_AUTO_TEST_CASE(it_serves_many_requests_on_one_connection) {
  const auto s = start();
  BOOST_TEST(s->base_url() == fmt::format("https://127.0.0.1:{}/api/v1", s->port()));
  tls_client c = connect(*s);
  BOOST_REQUIRE_MESSAGE(c.connected(), c.why_not());
  for (int i = 0; i < 20; ++i) {
    BOOST_REQUIRE(c.send(post));
    const auto seen = c.receive();
    BOOST_REQUIRE(seen.whole);
    BOOST_TEST(seen.status() == 201);
    BOOST_TEST(seen.text.find("\r\nConnection: keep-alive\r\n") != std::string::npos);
  }
  BOOST_TEST(s->connections() == 1U);
  BOOST_TEST(s->accepted() == 20U);
  BOOST_TEST(s->counted().size() == 20U);
  BOOST_TEST(s->journal_lines().size() == 20U);
  BOOST_TEST(!s->problem());
}

BOOST_AUTO_TEST_CASE(requests_sent_ahead_are_answered_in_order) {
  const auto s = start();
  tls_client c = connect(*s);
  BOOST_REQUIRE(c.send(post + get_me + message("GET /api/v1/none")));
  BOOST_TEST(c.receive().status() == 201);
  BOOST_TEST(c.receive().status() == 200);
  BOOST_TEST(c.receive().status() == 404);
}

BOOST_AUTO_TEST_CASE(connection_close_is_honoured) {
  const auto s = start();
  tls_client c = connect(*s);
  BOOST_REQUIRE(c.send(message("GET /api/v1/me", {}, "Connection: close\r\n")));
  const auto seen = c.receive();
  BOOST_TEST(seen.whole);
  BOOST_TEST(seen.text.find("\r\nConnection: close\r\n") != std::string::npos);
  BOOST_TEST(c.ended());
}

// The answer has come, so its job must stand in the file: whoever is killed now must find it there.
BOOST_AUTO_TEST_CASE(the_journal_is_written_before_the_answer_leaves) {
  std::string name = (std::filesystem::temp_directory_path() / "mcbatch-journal-XXXXXX").string();
  ::close(::mkstemp(name.data()));
  std::ofstream(name) << "{\"n\":\"of an earlier run\"}\n";
  server_options listen;
  listen.journal = name;
  const auto s = start({}, std::move(listen));
  tls_client c = connect(*s);
  std::vector<std::string> answers;
  for (std::size_t i = 1; i <= 50; ++i) {
    c.send(post);
    const std::string id = c.receive().body().substr(6, 18);
    std::ifstream in(name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
      lines.push_back(line);
    BOOST_REQUIRE(lines.size() == i + 1);
    BOOST_TEST(lines.front() == "{\"n\":\"of an earlier run\"}");
    BOOST_TEST(lines.back().find("\"id\":" + id) != std::string::npos);
    BOOST_TEST((s->journal_lines() == std::vector<std::string>(lines.begin() + 1, lines.end())));
  }
  std::filesystem::remove(name);
}

BOOST_AUTO_TEST_CASE(a_journal_that_cannot_be_written_ends_the_server_without_an_answer) {
  server_options listen;
  listen.journal = "/dev/full";
  const auto s = start({}, std::move(listen));
  tls_client c = connect(*s);
  c.send(post);
  BOOST_TEST(c.receive().text.empty());
  s->stop();
  BOOST_REQUIRE(s->problem().has_value());
  BOOST_TEST((s->problem()->code == errc::cannot_write));
  BOOST_TEST(s->problem()->what.find("/dev/full") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(faults_of_delivery_on_the_wire) {
  const struct {
    std::string_view spec;
    bool any_text;
    std::uint64_t accepted;
  } rows[] = {{"lost@1", false, 1},        {"drop@1", false, 0},     {"truncated@1", true, 1},
              {"reset-after@1", false, 1}, {"reset-in@1", false, 0}, {"long-length@1", true, 1}};
  for (const auto& [spec, any_text, accepted] : rows) {
    BOOST_TEST_CONTEXT(spec) {
      const auto s = start_with_faults(std::string(spec));
      tls_client c = connect(*s);
      c.send(post);
      const auto seen = c.receive();
      BOOST_TEST(!seen.whole);
      BOOST_TEST(seen.text.empty() == !any_text);
      BOOST_TEST(s->accepted() == accepted);
      BOOST_TEST(s->journal_lines().size() == accepted);
      if (any_text) {
        BOOST_TEST(seen.status() == 201);
        BOOST_TEST(seen.body().size() > 0U);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_hanging_answer_never_comes_and_others_are_served_meanwhile) {
  const auto s = start_with_faults("hang@1");
  tls_client hung = connect(*s);
  hung.send(post);
  tls_client other = connect(*s);
  for (int i = 0; i < 20; ++i) {
    other.send(post);
    BOOST_TEST(other.receive().status() == 201);
  }
  BOOST_TEST(s->accepted() == 21U);
  s->stop();
  BOOST_TEST(hung.receive().text.empty());
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_refused_for_a_second) {
  const auto s = start_with_faults("refused@1,refused@3");
  BOOST_TEST(connect(*s).why_not() == "refused");
  std::optional<tls_client> kept; // once a second is over
  do
    kept.emplace(connect(*s));
  while (kept->why_not() == "refused");
  BOOST_TEST(kept->why_not() == "");
  BOOST_TEST(kept->send(post));
  BOOST_TEST(kept->receive().status() == 201); // those that stand are served meanwhile
  BOOST_TEST(connect(*s).why_not() == "refused");
  const auto begin = std::chrono::steady_clock::now();
  s->stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 900ms)); // stopping does not wait for the second
  BOOST_TEST(s->connections() == 1U);
}

BOOST_AUTO_TEST_CASE(latency_holds_up_no_other_connection) {
  service_options o;
  o.latency = 100ms; // long against a loopback exchange, short for a test
  const auto s = start(o);
  std::vector<tls_client> clients;
  for (int i = 0; i < 10; ++i)
    clients.push_back(connect(*s));
  const auto begin = std::chrono::steady_clock::now();
  for (tls_client& c : clients)
    c.send(get_me);
  for (tls_client& c : clients)
    BOOST_TEST(c.receive().status() == 200);
  const auto took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST((took >= 100ms));
  BOOST_TEST((took < 800ms)); // one after the other would be a second
}

BOOST_AUTO_TEST_CASE(messages_beyond_the_bounds_are_refused) {
  const struct {
    std::string text;
    int status;
  } rows[] = {
      {message("POST /api/v1/conversion_jobs", std::string(4000, ' ')), 413},
      {fmt::format("POST /api/v1/conversion_jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                   4000, std::string(4000, ' ')),
       413},
      {message("GET /api/v1/me", {}, "X: " + std::string(20'000, 'x') + "\r\n"), 431},
      {"GARBAGE\r\n\r\n", 400},
      {message("DELETE /api/v1/me"), 405},
  };
  server_options listen;
  listen.max_body = 2000;
  const auto s = start({}, std::move(listen));
  for (const auto& [text, status] : rows) {
    tls_client c = connect(*s);
    c.send(text);
    const auto seen = c.receive();
    BOOST_TEST(seen.whole);
    BOOST_TEST(seen.status() == status);
    BOOST_TEST(c.ended());
  }
  BOOST_TEST(s->counted().empty());
}

BOOST_AUTO_TEST_CASE(a_refusal_reaches_a_client_that_is_still_sending) {
  const auto s = start();
  tls_client c = connect(*s);
  c.send(message("POST /api/v1/conversion_jobs", std::string(4'000'000, ' ')));
  BOOST_TEST(c.receive().status() == 413);
}

BOOST_AUTO_TEST_CASE(a_body_of_a_mebibyte_is_taken) {
  const auto s = start();
  tls_client c = connect(*s);
  std::string body(good_body);
  body.insert(1, std::string((1 << 20) - body.size(), ' '));
  c.send(message("POST /api/v1/conversion_jobs", body));
  BOOST_TEST(c.receive().status() == 201);
}

BOOST_AUTO_TEST_CASE(a_silent_connection_is_closed) {
  server_options listen;
  listen.idle = 50ms; // the shortest that leaves time for a handshake
  const auto s = start({}, std::move(listen));
  tls_client c = connect(*s);
  BOOST_REQUIRE(c.connected());
  BOOST_TEST(c.ended());
}

BOOST_AUTO_TEST_CASE(what_clients_make_of_each_certificate) {
  const struct {
    std::string_view spec;
    std::string_view host;
    std::string_view why_not;
  } rows[] = {
      {"", "127.0.0.1", ""},
      {"", "localhost", ""},
      {"", "::1", ""},
      {"", "elsewhere.invalid", "hostname mismatch"},
      {"expired-cert@1", "127.0.0.1", "certificate has expired"},
      {"wrong-host-cert@1", "127.0.0.1", "IP address mismatch"},
      {"wrong-host-cert@1", "elsewhere.invalid", ""},
      {"self-signed-cert@1", "127.0.0.1", "self-signed certificate"},
  };
  for (const auto& [spec, host, why_not] : rows) {
    const auto s = start_with_faults(std::string(spec));
    const tls_client c(s->port(), good().ca_pem, host);
    BOOST_TEST(c.why_not() == why_not);
    BOOST_TEST(connect(*s).why_not() == ""); // the next connection is a good one
  }
  const auto s = start();
  BOOST_TEST(tls_client(s->port(), make_identity().value().ca_pem).why_not() != ""); // another CA
}

BOOST_AUTO_TEST_CASE(tls_is_1_2_or_newer) {
  const auto s = start();
  BOOST_TEST(tls_client(s->port(), good().ca_pem, "127.0.0.1", TLS1_1_VERSION).why_not() == "handshake");
  BOOST_TEST(tls_client(s->port(), good().ca_pem, "127.0.0.1", TLS1_2_VERSION).why_not() == "");
  BOOST_TEST(connect(*s).why_not() == "");
}

BOOST_AUTO_TEST_CASE(stop_is_prompt_whatever_is_open) {
  service_options o;
  o.latency = 1h;
  const auto s = start(o);
  tls_client idle = connect(*s);
  tls_client waiting = connect(*s);
  waiting.send(get_me);
  while (s->counted().empty()) // until the request has arrived
    std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  s->stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 2s));
  BOOST_TEST(idle.ended());
  BOOST_TEST(waiting.receive().text.empty());
  BOOST_TEST(connect(*s).why_not() == "refused");
  BOOST_TEST(s->counted().size() == 1U);
  s->stop(); // again is nothing
}

BOOST_AUTO_TEST_CASE(many_connections_at_once_lose_nothing) {
  const auto s = start();
  constexpr int threads = 8;
  constexpr int each = 100;
  std::vector<std::thread> running;
  std::atomic<int> created = 0;
  for (int t = 0; t < threads; ++t)
    running.emplace_back([&] {
      tls_client c = connect(*s);
      for (int i = 0; i < each && c.connected(); ++i) {
        c.send(post);
        created += c.receive().status() == 201 ? 1 : 0;
      }
    });
  for (std::thread& t : running)
    t.join();
  BOOST_TEST(created == threads * each);
  BOOST_TEST(s->accepted() == std::uint64_t{threads * each});
  BOOST_TEST(s->journal_lines().size() == std::size_t{threads * each});
  BOOST_TEST(s->connections() == std::uint64_t{threads});
}

BOOST_AUTO_TEST_CASE(a_start_that_cannot_be_says_why) {
  const auto taken = start();
  const auto try_start = [](server_options listen) {
    service_options o;
    o.token = "t";
    return server::start(service::make(o).value(), std::move(listen));
  };
  const auto in_use = try_start({"127.0.0.1", taken->port(), good(), {}});
  const auto no_address = try_start({"localhost", 0, good(), {}});
  const auto no_key = try_start({"127.0.0.1", 0, {}, {}});
  const auto no_journal = try_start({"127.0.0.1", 0, good(), "/nowhere/at/all"});
  BOOST_TEST(in_use.error().what.find(std::to_string(taken->port())) != std::string::npos);
  BOOST_TEST(no_address.error().what.find("localhost") != std::string::npos);
  BOOST_TEST(no_key.error().what.find("certificate") != std::string::npos);
  BOOST_TEST(no_journal.error().what.find("/nowhere/at/all") != std::string::npos);
  for (const auto* r : {&in_use, &no_address, &no_key})
    BOOST_TEST((r->error().code == errc::bad_setting));
  BOOST_TEST((no_journal.error().code == errc::cannot_write));
}

BOOST_AUTO_TEST_SUITE_END()
