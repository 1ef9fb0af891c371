#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "web/world.hpp"

#include <mcbatch/sandbox/certificates.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <stdlib.h>

namespace mcbatch::web::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A certificate for 127.0.0.1 in files.
struct certificate_files {
  sandbox::identity made = sandbox::make_identity().value();
  std::filesystem::path folder = make_folder();
  tls_files files{folder / "cert.pem", folder / "key.pem"};

  certificate_files() {
    std::ofstream(files.certificate) << made.certificate_pem;
    std::ofstream(files.key) << made.key_pem;
  }
  ~certificate_files() { std::filesystem::remove_all(folder); }
  certificate_files(const certificate_files&) = delete;
  certificate_files& operator=(const certificate_files&) = delete;

  static std::filesystem::path make_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "mcbatch-web-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return pattern;
  }
};

/// Answers none until it is told to.
struct stalling {
  explicit stalling(asio::io_context& io) : gate(io, steady_timer::time_point::max()) {}

  handler answers() {
    return [this](request) -> awaitable<answer> {
      ++waiting;
      boost::system::error_code cancelled;
      co_await gate.async_wait(asio::redirect_error(use_awaitable, cancelled));
      --waiting;
      co_return answer{reply{200, {}, "at last"}};
    };
  }
  awaitable<void> wait_for(std::size_t n) const {
    while (waiting != n)
      co_await asio::post(co_await asio::this_coro::executor, use_awaitable);
  }

  steady_timer gate;
  std::size_t waiting = 0;
};

BOOST_AUTO_TEST_SUITE(servers)

BOOST_AUTO_TEST_CASE(one_connection_serves_one_request_after_the_other) {
  world w;
  const auto s = w.listen(w.echo());
  BOOST_TEST(s->origin() == "http://127.0.0.1:" + std::to_string(s->port()));
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    for (const std::string body : {"first", "second"}) {
      BOOST_TEST(co_await c.send(post(body, "/events?mcbatch_key=a%20b")));
      const auto answered = co_await c.receive();
      BOOST_TEST_REQUIRE(answered.has_value());
      BOOST_TEST(answered->result_int() == 200);
      BOOST_TEST(answered->body() == body);
      BOOST_TEST(answered->keep_alive());
    }
    // Two at once, in one piece.
    BOOST_TEST(co_await c.send(get("/a") + get("/b", "X-Field: its value\r\n")));
    for (const auto* target : {"/a", "/b"})
      BOOST_TEST((co_await c.receive()).value().body() == target);
    BOOST_TEST(co_await c.send(get("/last", "Connection: close\r\n")));
    BOOST_TEST(!(co_await c.receive()).value().keep_alive());
    BOOST_TEST(co_await c.ended());
  };
  w.run(test());
  BOOST_TEST_REQUIRE(w.requests.size() == 5);
  BOOST_TEST((w.requests[0].method == verb::post));
  BOOST_TEST(w.requests[0].target == "/events?mcbatch_key=a%20b");
  BOOST_TEST((w.requests[2].method == verb::get));
  BOOST_TEST(w.requests[3].fields.find("x-field").value() == "its value");
}

BOOST_AUTO_TEST_CASE(the_head_alone_says_how_long_the_body_would_be) {
  world w;
  const auto s = w.listen(w.echo());
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    BOOST_TEST(co_await c.send("HEAD /12345 HTTP/1.1\r\nHost: a\r\n\r\n"));
    const auto head = (co_await c.receive(true)).value();
    BOOST_TEST(head.result_int() == 200);
    BOOST_TEST(head[http::field::content_length] == "6");
    BOOST_TEST(co_await c.ask(get()) == 200); // behind it comes no body
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(over_tls_it_is_the_same) {
  const certificate_files own;
  world w;
  server_settings settings;
  settings.tls = own.files;
  const auto s = w.listen(w.echo(), settings);
  BOOST_TEST(s->origin() == "https://127.0.0.1:" + std::to_string(s->port()));
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST_REQUIRE(co_await c.open(s->port(), own.made.ca_pem));
    for (const std::string body : {"first", "second"}) {
      BOOST_TEST(co_await c.send(post(body)));
      BOOST_TEST((co_await c.receive()).value().body() == body);
    }
    BOOST_TEST(co_await c.ask(post(std::string(70'000, 'x'))) == 413);
    connection plain(w.io), stranger(w.io);
    BOOST_TEST(co_await plain.open(s->port()));
    BOOST_TEST(co_await plain.ask(get()) == 0); // it speaks no HTTP but over TLS
    BOOST_TEST(!co_await stranger.open(s->port(), sandbox::make_identity().value().ca_pem));
  };
  w.run(test());
  BOOST_TEST(w.requests.size() == 2);
  BOOST_TEST(w.problems.empty()); // who does not like us knows why
}

BOOST_AUTO_TEST_CASE(where_it_cannot_listen_it_says_what_to_do) {
  const certificate_files own;
  world w;
  const auto why_not = [&](server_settings settings) {
    const auto s = server::listen(w.io.get_executor(), std::move(settings), w.echo(), [](const std::string&) {});
    BOOST_TEST_REQUIRE(!s.has_value());
    BOOST_TEST((s.error().code == errc::bad_setting));
    return s.error().what;
  };
  const auto taken = w.listen(w.echo());
  server_settings same_port, no_address, foreign, no_certificate, other_key;
  same_port.port = taken->port();
  BOOST_TEST(holds(why_not(same_port), "port " + std::to_string(taken->port())));
  no_address.address = "example.com";
  BOOST_TEST(holds(why_not(no_address), "example.com"));
  foreign.address = "192.0.2.1"; // RFC 5737: nobody's
  BOOST_TEST(holds(why_not(foreign), "192.0.2.1"));
  no_certificate.tls = tls_files{own.folder / "no.pem", own.files.key};
  BOOST_TEST(holds(why_not(no_certificate), "no.pem"));
  std::ofstream(own.folder / "other.key") << sandbox::make_identity().value().key_pem;
  other_key.tls = tls_files{own.files.certificate, own.folder / "other.key"};
  BOOST_TEST(holds(why_not(other_key), "other.key"));
}

// What it does not take

struct refused_request {
  const char* what;
  std::string bytes;
  int status;
};

BOOST_AUTO_TEST_CASE(what_it_does_not_take_is_answered_and_costs_no_more_than_its_connection) {
  const std::string host = "Host: 127.0.0.1\r\n", long_field(17'000, 'x'), long_body(70'000, 'x');
  const std::vector<refused_request> all{
      {"no HTTP", "\x16\x03\x01 hello\r\n\r\n", 400},
      {"a field without a name", "GET / HTTP/1.1\r\n: x\r\n\r\n", 400},
      {"two lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
      {"a length that is none", "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
      {"both framings",
       "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a long field", "GET / HTTP/1.1\r\n" + host + "X: " + long_field + "\r\n\r\n", 431},
      {"a long target", "GET /" + long_field + " HTTP/1.1\r\n" + host + "\r\n", 431},
      {"a header without end", "GET / HTTP/1.1\r\n" + host + "X: " + long_field, 431},
      {"a long body", post(long_body), 413},
      {"one that only says that it is long", "POST / HTTP/1.1\r\n" + host + "Content-Length: 70000\r\n\r\n", 413},
      {"a long body in chunks",
       "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n11170\r\n" + long_body + "\r\n0\r\n\r\n", 413},
      {"another method", "DELETE / HTTP/1.1\r\n" + host + "\r\n", 405},
      {"its own method", "BREW / HTTP/1.1\r\n" + host + "\r\n", 405},
      {"a tunnel", "CONNECT a:443 HTTP/1.1\r\n" + host + "\r\n", 405},
  };
  world w;
  const auto s = w.listen(w.echo());
  const auto test = [&]() -> awaitable<void> {
    for (const auto& r : all) {
      connection c(w.io);
      BOOST_TEST(co_await c.open(s->port()));
      const auto status = co_await c.ask(r.bytes);
      BOOST_TEST(status == r.status, r.what << " is answered " << status);
      BOOST_TEST(co_await c.ended(), r.what << " keeps its connection");
    }
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    BOOST_TEST(co_await c.ask(post(std::string(65'536, 'x'))) == 200); // 64 KiB are not too long
  };
  w.run(test());
  BOOST_TEST(w.requests.size() == 1);
  BOOST_TEST(w.problems.empty());
}

BOOST_AUTO_TEST_CASE(who_sends_far_too_much_can_read_why_that_is_not_taken) {
  world w;
  const auto s = w.listen(w.echo());
  const auto test = [&]() -> awaitable<void> {
    for (int n = 0; n < 20; ++n) { // a reset would come sooner or later
      connection c(w.io);
      BOOST_TEST(co_await c.open(s->port()));
      BOOST_TEST(co_await c.send(post(std::string(900'000, 'x'))));
      BOOST_TEST((co_await c.receive()).has_value());
    }
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(a_405_says_what_is_taken) {
  world w;
  const auto s = w.listen(w.echo());
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    BOOST_TEST(co_await c.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"));
    BOOST_TEST((co_await c.receive()).value()[http::field::allow] == "GET, HEAD, POST");
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(more_than_the_rate_is_answered_503) {
  world w;
  server_settings settings;
  settings.requests_per_second = 2;
  const auto s = w.listen(w.echo(), settings);
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    std::string many;
    for (int n = 0; n < 20; ++n)
      many += get();
    BOOST_TEST(co_await c.send(many));
    BOOST_TEST((co_await c.receive()).value().result_int() == 200);
    BOOST_TEST((co_await c.receive()).value().result_int() == 200);
    std::optional<connection::response> last;
    while ((last = co_await c.receive()) && last->result_int() == 200) { // however slow the machine is just now
    }
    BOOST_TEST_REQUIRE(last.has_value());
    BOOST_TEST(last->result_int() == 503);
    BOOST_TEST((*last)[http::field::retry_after] == "1");
    BOOST_TEST(co_await c.ended());
  };
  w.run(test());
  BOOST_TEST(w.requests.size() < 20);
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_is_a_500_and_is_told) {
  world w;
  const auto s = w.listen([](request r) -> awaitable<answer> {
    if (r.target == "/bad") throw std::runtime_error("no such luck");
    co_return answer{reply{200, {}, ""}};
  });
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    BOOST_TEST(co_await c.ask(get("/bad")) == 500);
    BOOST_TEST(co_await c.ask(get("/good")) == 200); // and goes on
  };
  w.run(test());
  BOOST_TEST_REQUIRE(w.problems.size() == 1);
  BOOST_TEST(holds(w.problems.front(), "no such luck"), w.problems.front());
}

// Many connections

BOOST_AUTO_TEST_CASE(whoever_has_waited_longest_gives_way) {
  world w;
  server_settings settings;
  settings.max_connections = 3;
  const auto s = w.listen(w.echo(), settings);
  const auto test = [&]() -> awaitable<void> {
    connection first(w.io), second(w.io), third(w.io), fourth(w.io), fifth(w.io);
    BOOST_TEST(co_await first.open(s->port()));
    BOOST_TEST(co_await first.ask(get()) == 200);
    BOOST_TEST(co_await second.open(s->port()));
    BOOST_TEST(co_await second.ask(get()) == 200);
    BOOST_TEST(co_await third.open(s->port()));
    BOOST_TEST(co_await third.send("POST / HTTP/1.1\r\nContent-Le")); // half a header is waiting as well
    BOOST_TEST(co_await first.ask(get()) == 200);                     // so that it has not waited longest
    BOOST_TEST(co_await fourth.open(s->port()));
    BOOST_TEST(co_await fourth.ask(get()) == 200);
    BOOST_TEST(co_await second.ended());
    BOOST_TEST(co_await fifth.open(s->port()));
    BOOST_TEST(co_await fifth.ask(get()) == 200);
    BOOST_TEST(co_await third.ended());
    BOOST_TEST(co_await first.ask(get()) == 200);
    BOOST_TEST(co_await fourth.ask(get()) == 200);
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(who_is_being_served_does_not_give_way) {
  world w;
  stalling slow(w.io);
  server_settings settings;
  settings.max_connections = 2;
  const auto s = w.listen(slow.answers(), settings);
  const auto test = [&]() -> awaitable<void> {
    connection one(w.io), other(w.io), third(w.io);
    for (auto* c : {&one, &other}) {
      BOOST_TEST(co_await c->open(s->port()));
      BOOST_TEST(co_await c->send(get()));
    }
    co_await slow.wait_for(2);
    BOOST_TEST(co_await third.open(s->port()));
    BOOST_TEST(co_await third.ask(get()) == 0);
    slow.gate.cancel();
    for (auto* c : {&one, &other})
      BOOST_TEST((co_await c->receive()).value().body() == "at last");
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(a_request_that_does_not_come_to_its_end_ends_its_connection) {
  world w;
  server_settings settings;
  settings.patience = 50ms; // real time, as sockets know no other
  const auto s = w.listen(w.echo(), settings);
  const auto test = [&]() -> awaitable<void> {
    connection silent(w.io), half(w.io), half_body(w.io);
    for (auto* c : {&silent, &half, &half_body})
      BOOST_TEST(co_await c->open(s->port()));
    BOOST_TEST(co_await half.send("GET / HTTP/1.1\r\nHost:"));
    BOOST_TEST(co_await half_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"));
    for (auto* c : {&silent, &half, &half_body})
      BOOST_TEST(co_await c->ended());
  };
  w.run(test());
  BOOST_TEST(w.requests.empty());
}

BOOST_AUTO_TEST_CASE(a_handshake_that_does_not_come_to_its_end_does_as_well) {
  const certificate_files own;
  world w;
  server_settings settings;
  settings.tls = own.files;
  settings.patience = 50ms;
  const auto s = w.listen(w.echo(), settings);
  const auto test = [&]() -> awaitable<void> {
    connection silent(w.io);
    BOOST_TEST(co_await silent.open(s->port()));
    BOOST_TEST(co_await silent.ended());
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(closed_it_ends_every_connection_and_accepts_none) {
  world w;
  stalling slow(w.io);
  const auto all = std::make_shared<feed>(w.io.get_executor());
  auto answers = slow.answers();
  const auto s = w.listen([&](request r) -> awaitable<answer> {
    if (r.target == "/feed") co_return answer{reply{200, {}, ""}, all};
    co_return co_await answers(std::move(r));
  });
  connection idle(w.io), half(w.io), waiting(w.io), following(w.io), late(w.io);
  const auto test = [&]() -> awaitable<void> {
    for (auto* c : {&idle, &half, &waiting, &following})
      BOOST_TEST(co_await c->open(s->port()));
    BOOST_TEST(co_await half.send("GET / HT"));
    BOOST_TEST(co_await waiting.send(get()));
    BOOST_TEST(co_await following.send(get("/feed")));
    co_await following.read_to("retry: 2000\n\n");
    co_await slow.wait_for(1);
    s->close();
    for (auto* c : {&idle, &half, &waiting, &following})
      BOOST_TEST(co_await c->ended());
    BOOST_TEST(!co_await late.open(s->port()));
    slow.gate.cancel(); // what handlers wait for is not the server's
    all->end();
  };
  w.run(test());
  for (auto* c : {&idle, &half, &waiting, &following, &late})
    c->close();
  BOOST_TEST(w.ran_dry());
  BOOST_TEST(w.problems.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::web::test
