// Which connection a request goes out on, and that none is lost on a connection that has died.
#include "world.hpp"

#include <mcbatch/loop/event_loop.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::net;
using namespace mcbatch::net::test;
using namespace std::chrono_literals;

namespace {

struct fixture : world {
  answer next{ok("{}"), answer::end::keep};
  scripted_peer peer{io, good, [this](const auto&) { return next; }};
  net::pool pool{io.get_executor(), tls, options_for(peer.port())};

  ~fixture() {
    pool.close_all();
    peer.stop();
    BOOST_TEST(ran_dry());
  }

  exchange_result exchange(before_send ready = {}) { return run(pool.exchange(get(), std::move(ready))); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_reuse, fixture)

BOOST_AUTO_TEST_CASE(one_connection_serves_one_exchange_after_another) {
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(exchange().value().status == 200);
  BOOST_TEST(peer.connections() == 1);
  BOOST_TEST(peer.requests().size() == 3);
  BOOST_TEST(pool.idle() == 1);
}

BOOST_AUTO_TEST_CASE(the_bytes_of_its_messages_are_counted) {
  BOOST_TEST(exchange().has_value());
  BOOST_TEST(pool.carried().received == next.bytes.size());
  const auto of_one = pool.carried().sent;
  BOOST_TEST(of_one > std::string_view("GET /me HTTP/1.1\r\n\r\n").size());
  BOOST_TEST(exchange().has_value());
  BOOST_TEST(pool.carried().received == 2 * next.bytes.size());
  BOOST_TEST(pool.carried().sent == 2 * of_one);
  // Those of half an answer as well.
  next = {next.bytes.substr(0, next.bytes.size() - 1), answer::end::cut};
  BOOST_TEST(!exchange().has_value());
  BOOST_TEST(pool.carried().received == 3 * next.bytes.size() + 2);
}

BOOST_AUTO_TEST_CASE(the_most_recently_used_connection_is_taken) {
  const before_send another_first = [this]() -> awaitable<bool> {
    const auto inner = co_await pool.exchange(get());
    co_return inner.has_value();
  };
  BOOST_TEST(exchange(another_first).has_value());
  BOOST_TEST(pool.idle() == 2);
  const auto last_used = peer.requests().back().connection;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(exchange().has_value());
    BOOST_TEST(peer.requests().back().connection == last_used);
  }
  BOOST_TEST(peer.connections() == 2);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_peer_closed_while_idle_loses_no_request) {
  for (const auto end : {answer::end::close, answer::end::cut}) {
    next.then = end;
    BOOST_TEST(exchange().has_value());
    BOOST_TEST(pool.idle() == 1);
    next.then = answer::end::keep;
    const auto before = peer.connections();
    BOOST_TEST(exchange().has_value());
    BOOST_TEST(peer.connections() == before + 1);
    peer.drop_connections();
    BOOST_TEST(exchange().has_value());
  }
  BOOST_TEST(peer.requests().size() == 6);
}

BOOST_AUTO_TEST_CASE(a_connection_that_dies_during_the_commit_is_replaced_and_the_commit_not_repeated) {
  BOOST_TEST(exchange().has_value());
  int commits = 0;
  const before_send commit = [&]() -> awaitable<bool> {
    ++commits;
    peer.drop_connections();
    co_return true;
  };
  BOOST_TEST(exchange(commit).has_value());
  BOOST_TEST(commits == 1);
  BOOST_TEST(peer.connections() == 2);
  BOOST_TEST(peer.requests().size() == 2);
}

BOOST_AUTO_TEST_CASE(session_tickets_that_arrive_during_the_commit_cost_no_connection) {
  const before_send commit = [&]() -> awaitable<bool> {
    // The peer's tickets come after the handshake; a few turns of the loop let them arrive.
    steady_timer pause(io, 20ms);
    co_await pause.async_wait(use_awaitable);
    co_return true;
  };
  BOOST_TEST(exchange(commit).has_value());
  BOOST_TEST(peer.connections() == 1);
}

BOOST_AUTO_TEST_CASE(a_request_that_may_not_be_sent_leaves_no_byte_and_a_good_connection) {
  const before_send refuse = []() -> awaitable<bool> { co_return false; };
  const auto refused = exchange(refuse);
  BOOST_TEST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().why.code == errc::stopped));
  BOOST_TEST(!refused.error().byte_left);
  BOOST_TEST(pool.idle() == 1);
  BOOST_TEST(exchange().has_value());
  BOOST_TEST(peer.connections() == 1);
  BOOST_TEST(peer.requests().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_further_connection_resumes_the_session_of_the_one_before) {
  next.then = answer::end::close;
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(exchange().has_value());
  BOOST_TEST(peer.connections() == 3);
  BOOST_TEST(peer.resumed() == 2);
  net::pool other(io.get_executor(), tls, options_for(peer.port()));
  BOOST_TEST(run(other.exchange(get())).has_value());
  BOOST_TEST(peer.resumed() == 2); // it knows of none
  other.close_all();
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_retired_after_its_time) {
  auto options = options_for(peer.port());
  options.max_idle = 0s;
  net::pool impatient(io.get_executor(), tls, options);
  BOOST_TEST(run(impatient.exchange(get())).has_value());
  BOOST_TEST(run(impatient.exchange(get())).has_value());
  BOOST_TEST(peer.connections() == 2);
  impatient.close_all();
}

BOOST_AUTO_TEST_CASE(an_answer_says_how_its_connection_goes_on) {
  struct row {
    const char* what;
    std::string bytes;
    bool kept;
  };
  const row rows[] = {
      {"HTTP/1.1", ok("{}"), true},
      {"asks to close", ok("{}", "Connection: close\r\n"), false},
      {"keeps it for a second only", ok("{}", "Keep-Alive: timeout=1\r\n"), false},
      {"keeps it for a minute", ok("{}", "Keep-Alive: timeout=60, max=9\r\n"), true},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", false},
      {"HTTP/1.0 that keeps", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", true},
      {"surplus bytes", ok("{}") + "HTTP/1.1 200 OK\r\n", false},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", true},
      {"interim answers first", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("{}"), true},
  };
  for (const auto& [what, bytes, kept] : rows) {
    BOOST_TEST_CONTEXT(what) {
      net::pool own(io.get_executor(), tls, options_for(peer.port()));
      next.bytes = bytes;
      const auto before = peer.connections();
      BOOST_TEST(run(own.exchange(get())).value().status / 100 == 2);
      BOOST_TEST(run(own.exchange(get())).value().status / 100 == 2);
      BOOST_TEST(peer.connections() - before == (kept ? 1 : 2));
      own.close_all();
    }
  }
}

BOOST_AUTO_TEST_CASE(close_all_ends_what_is_under_way) {
  next = {"HTTP/1.1 200 OK\r\n", answer::end::hang};
  steady_timer closer(io);
  const before_send then_close = [&]() -> awaitable<bool> {
    closer.expires_after(20ms);
    closer.async_wait([this](auto) { pool.close_all(); });
    co_return true;
  };
  const auto ended = exchange(then_close);
  BOOST_TEST_REQUIRE(ended.has_error());
  BOOST_TEST((ended.error().why.code == errc::stopped));
  BOOST_TEST(ended.error().byte_left);

  const before_send close_first = [&]() -> awaitable<bool> {
    pool.close_all();
    co_return true;
  };
  const auto before = peer.requests().size();
  const auto unsent = exchange(close_first);
  BOOST_TEST_REQUIRE(unsent.has_error());
  BOOST_TEST((unsent.error().why.code == errc::stopped));
  BOOST_TEST(!unsent.error().byte_left);
  BOOST_TEST(peer.requests().size() == before);

  next = {ok("{}"), answer::end::keep};
  BOOST_TEST(exchange().has_value());
}

BOOST_AUTO_TEST_CASE(a_request_carries_what_http_needs) {
  request post{verb::post, "/api/v1/conversion_jobs?x=1", {}, "{\"a\":1}"};
  post.fields.add("Authorization", "Bearer t");
  BOOST_TEST(run(pool.exchange(post)).has_value());
  BOOST_TEST(exchange().has_value());

  const auto& posted = peer.requests().front().message;
  BOOST_TEST(posted.method_string() == "POST");
  BOOST_TEST(posted.target() == "/api/v1/conversion_jobs?x=1");
  BOOST_TEST(posted["Host"] == "127.0.0.1:" + peer.port());
  BOOST_TEST(posted["User-Agent"].starts_with("mcbatch/"));
  BOOST_TEST(posted["Content-Length"] == "7");
  BOOST_TEST(posted["Authorization"] == "Bearer t");
  BOOST_TEST(posted.body() == "{\"a\":1}");
  BOOST_TEST(peer.requests().back().message.method_string() == "GET");
  BOOST_TEST(peer.requests().back().message.count("Content-Length") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
