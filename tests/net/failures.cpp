// Each way in which an exchange fails: its code, its sentence, and whether a byte may have left.
#include "tunnel_proxy.hpp"
#include "world.hpp"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <deque>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::net;
using namespace mcbatch::net::test;
using namespace std::chrono_literals;
using tcp = boost::asio::ip::tcp;

namespace {

struct fixture : world {
  answer next{ok("{}"), answer::end::keep};
  scripted_peer peer{io, good, [this](const auto&) { return next; }};

  ~fixture() {
    peer.stop();
    BOOST_TEST(ran_dry());
  }

  exchange_result exchange(const pool_options& options, before_send ready = {}) {
    net::pool once(io.get_executor(), tls, options);
    auto ended = run(once.exchange(get(), std::move(ready)));
    once.close_all();
    return ended;
  }

  exchange_failure failure_of(const pool_options& options, before_send ready = {}) {
    auto ended = exchange(options, std::move(ready));
    BOOST_TEST_REQUIRE(ended.has_error());
    BOOST_TEST_MESSAGE(ended.error().why.what);
    return ended.error();
  }

  [[nodiscard]] pool_options impatient(const std::string& port) const {
    auto options = options_for(port);
    options.timeout = short_timeout;
    return options;
  }
};

void check(const exchange_failure& seen, errc code, bool byte_left, const std::string& words = "") {
  BOOST_TEST(to_string(seen.why.code) == to_string(code));
  BOOST_TEST(seen.byte_left == byte_left);
  BOOST_TEST(seen.why.what.find(words) != std::string::npos, seen.why.what << " does not say: " << words);
}

std::string port_of(const tcp_acceptor& listener) {
  return std::to_string(listener.local_endpoint().port());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_failures, fixture)

BOOST_AUTO_TEST_CASE(a_certificate_that_does_not_verify) {
  const auto elsewhere = make_server("DNS:elsewhere.test", 3600, &ca);
  const auto other_address = make_server("IP:127.0.0.2", 3600, &ca);
  const auto expired = make_server("IP:127.0.0.1", -60, &ca);
  const auto self_signed = make_server("IP:127.0.0.1", 3600, nullptr);
  const auto unknown_ca = make_ca("an unknown CA");
  const auto foreign = make_server("IP:127.0.0.1", 3600, &unknown_ca);
  struct row {
    const identity& shown;
    std::string words;
  };
  const row rows[] = {
      {elsewhere, "mismatch"},      {other_address, "mismatch"}, {expired, "expired"},
      {self_signed, "self-signed"}, {foreign, "--ca-file"},
  };
  for (const auto& [shown, words] : rows) {
    scripted_peer false_one(io, shown, [](const auto&) { return answer{}; });
    const auto seen = failure_of(options_for(false_one.port()));
    check(seen, errc::untrusted, false, words);
    check(seen, errc::untrusted, false, "127.0.0.1:" + false_one.port());
    BOOST_TEST(false_one.requests().empty());
    false_one.stop();
    io.poll();
  }
}

BOOST_AUTO_TEST_CASE(a_name_is_verified_as_a_name) {
  const auto named = make_server("DNS:localhost", 3600, &ca);
  scripted_peer right(io, named, [](const auto&) { return answer{ok("{}")}; });
  auto options = options_for(right.port());
  options.peer.host = "localhost";
  BOOST_TEST(exchange(options).has_value());
  right.stop();
  options.peer.port = peer.port();
  check(failure_of(options), errc::untrusted, false, "ostname mismatch");
}

BOOST_AUTO_TEST_CASE(nothing_listens) {
  tcp_acceptor closed(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const auto port = port_of(closed);
  closed.close();
  check(failure_of(options_for(port)), errc::connect_failed, false, "refused");
}

BOOST_AUTO_TEST_CASE(a_name_that_cannot_be) {
  auto options = options_for("443");
  options.peer.host = "a..b"; // an empty label: no DNS server is asked
  check(failure_of(options), errc::resolve_failed, false, "a..b");
}

BOOST_AUTO_TEST_CASE(a_peer_that_speaks_no_tls) {
  tcp_acceptor listener(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  std::vector<tcp_socket> accepted;
  const auto greet = [&accepted](const boost::system::error_code&, tcp_socket socket) {
    boost::asio::write(socket, boost::asio::buffer(std::string("220 mail.example ESMTP\r\n")));
    accepted.push_back(std::move(socket));
  };
  listener.async_accept(greet);
  check(failure_of(options_for(port_of(listener))), errc::tls_failed, false, "handshake");
}

BOOST_AUTO_TEST_CASE(no_connection_in_time) {
  // A full backlog: Linux answers no further SYN.
  tcp_acceptor full(io);
  full.open(tcp::v4());
  full.bind(tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  full.listen(0);
  std::deque<tcp_socket> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(io);
    fillers.back().async_connect(full.local_endpoint(), [](auto) {});
  }
  check(failure_of(impatient(port_of(full))), errc::timed_out, false, "connection");
}

BOOST_AUTO_TEST_CASE(no_handshake_in_time) {
  tcp_acceptor silent(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  check(failure_of(impatient(port_of(silent))), errc::timed_out, false, "handshake");
}

BOOST_AUTO_TEST_CASE(no_answer_in_time) {
  for (const auto* bytes : {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}) {
    next = {bytes, answer::end::hang};
    check(failure_of(impatient(peer.port())), errc::timed_out, true, "within 300ms");
  }
}

BOOST_AUTO_TEST_CASE(a_commit_that_outlasts_the_deadline_sends_nothing) {
  const before_send slow = [&]() -> awaitable<bool> {
    steady_timer pause(io, short_timeout + 20ms);
    co_await pause.async_wait(use_awaitable);
    co_return true;
  };
  check(failure_of(impatient(peer.port()), slow), errc::timed_out, false);
  BOOST_TEST(peer.requests().empty());
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_none) {
  const std::string both =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
  const std::string both_turned =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
  const std::string identity = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string large(2 * 1024 * 1024, 'x');
  std::string trailer;
  for (int i = 0; i < 20'000; ++i)
    trailer += "X-Trailer: and another field\r\n";
  std::string interim;
  for (int i = 0; i < 20; ++i)
    interim += "HTTP/1.1 102 Processing\r\n\r\n";
  using end = answer::end;
  struct row {
    const char* what;
    std::string bytes;
    end then;
  };
  const row rows[] = {
      {"closed without a byte", "", end::close},
      {"cut without a byte", "", end::cut},
      {"truncated header", "HTTP/1.1 200 OK\r\nContent-", end::close},
      {"truncated body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", end::close},
      {"truncated chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", end::close},
      {"close-delimited, cut", "HTTP/1.1 200 OK\r\n\r\n{}", end::cut},
      {"both framings", both, end::keep},
      {"both framings, turned", both_turned, end::keep},
      {"a coding beside the length", identity, end::keep},
      {"a coding that is not chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}", end::close},
      {"chunked is not the last coding",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\nContent-Length: 2\r\n\r\n{}", end::keep},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}", end::keep},
      {"bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", end::keep},
      {"no HTTP", "220 mail.example ESMTP\r\n\r\n", end::keep},
      {"large header", ok("{}", "X-Padding: " + std::string(70 * 1024, 'x') + "\r\n"), end::keep},
      {"many fields", "HTTP/1.1 200 OK\r\n" + std::string(70 * 1024, 'x'), end::hang},
      {"large length", ok(large), end::hang},
      {"large chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + large, end::hang},
      {"endless chunk extension", chunked + "2;x=" + large, end::hang},
      {"endless trailer", chunked + "2\r\n{}\r\n0\r\n" + trailer, end::hang},
      {"large, close-delimited", "HTTP/1.1 200 OK\r\n\r\n" + large, end::close},
      {"interim answers only", interim, end::hang},
      {"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + ok("{}"), end::keep},
  };
  for (const auto& [what, bytes, then] : rows) {
    BOOST_TEST_CONTEXT(what) {
      next = {bytes, then};
      check(failure_of(options_for(peer.port())), errc::broken_exchange, true, "127.0.0.1:" + peer.port());
      peer.drop_connections(); // it may still be writing
      io.poll();
    }
  }
}

BOOST_AUTO_TEST_CASE(whole_answers_in_every_framing) {
  using end = answer::end;
  const answer answers[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\nTrail: er\r\n\r\n",
       end::keep},
      {"HTTP/1.1 200 OK\r\n\r\n{\"a\":1}", end::close},
      {ok("{\"a\":1}"), end::cut}, // broken behind a whole answer: no failure
  };
  for (const auto& whole : answers) {
    next = whole;
    BOOST_TEST(exchange(options_for(peer.port())).value().body == "{\"a\":1}");
  }
}

BOOST_AUTO_TEST_CASE(a_redirect_is_an_answer_and_not_followed) {
  next = {"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:" + peer.port() + "/x\r\nContent-Length: 0\r\n\r\n"};
  const auto seen = exchange(options_for(peer.port()));
  BOOST_TEST(seen.value().status == 302);
  BOOST_TEST(seen.value().fields.find("location").has_value());
  BOOST_TEST(peer.requests().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_proxy_opens_a_tunnel) {
  tunnel_proxy tunnel(io, "HTTP/1.1 200 Connection established\r\n\r\n", peer.port());
  auto options = options_for(peer.port());
  options.proxy = proxy{{"127.0.0.1", tunnel.port()}, "Basic dTpw"};
  BOOST_TEST(exchange(options).value().status == 200);
  BOOST_TEST_REQUIRE(tunnel.asked().size() == 1);
  BOOST_TEST(tunnel.asked()[0].starts_with("CONNECT 127.0.0.1:" + peer.port() + " HTTP/1.1\r\n"));
  BOOST_TEST(tunnel.asked()[0].find("Proxy-Authorization: Basic dTpw\r\n") != std::string::npos);
  BOOST_TEST(peer.requests()[0].message.count("Proxy-Authorization") == 0);
  tunnel.stop();
}

BOOST_AUTO_TEST_CASE(a_proxy_opens_none) {
  struct row {
    std::string answer;
    std::string words;
  };
  const row rows[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "credentials (407)"},
      {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad", "it answered 502"},
      {"SSH-2.0-OpenSSH_9\r\n", "in HTTP"},
      {"", "in HTTP"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(20 * 1024, 'x') + "\r\n\r\n", "in HTTP"},
      {"HTTP/1.1 200 OK\r\n\r\nsurplus", "bytes of its own"},
  };
  for (const auto& [reply, words] : rows) {
    tunnel_proxy closed(io, reply, peer.port());
    auto options = options_for(peer.port());
    options.proxy = proxy{{"127.0.0.1", closed.port()}, "Basic c2VjcmV0"};
    const auto seen = failure_of(options);
    check(seen, errc::connect_failed, false, words);
    BOOST_TEST(seen.why.what.find("c2VjcmV0") == std::string::npos);
    closed.stop();
    io.poll();
  }
  BOOST_TEST(peer.connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_ca_file_that_is_none) {
  const temporary_file no_certificate("hello\n");
  const auto empty = tls_context::create(no_certificate.path());
  BOOST_TEST_REQUIRE(empty.has_error());
  BOOST_TEST((empty.error().code == errc::bad_setting));
  BOOST_TEST(empty.error().what.find("holds no certificate") != std::string::npos);

  const auto missing = tls_context::create("/nowhere/ca.pem");
  BOOST_TEST_REQUIRE(missing.has_error());
  BOOST_TEST((missing.error().code == errc::bad_setting));
  BOOST_TEST(missing.error().what.find("/nowhere/ca.pem cannot be read: No such file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_the_ca_file_its_certificates_do_not_count) {
  const auto system_only = tls_context::create().value();
  net::pool strict(io.get_executor(), system_only, options_for(peer.port()));
  const auto seen = run(strict.exchange(get()));
  BOOST_TEST_REQUIRE(seen.has_error());
  check(seen.error(), errc::untrusted, false, "--ca-file");
  strict.close_all();
}

BOOST_AUTO_TEST_SUITE_END()
