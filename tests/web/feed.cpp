#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "web/world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace mcbatch::web::test {
namespace {

namespace asio = boost::asio;
using strings = std::vector<std::string>;

/// Takes what comes until nothing does.
awaitable<void> follow(std::shared_ptr<feed> of, strings* taken) {
  feed::follower me(std::move(of));
  while (const auto text = co_await me.next())
    taken->push_back(*text);
}

struct feed_world {
  asio::io_context io;
  std::shared_ptr<feed> all = std::make_shared<feed>(io.get_executor());

  void begin(strings& taken) {
    asio::co_spawn(io, follow(all, &taken), [](std::exception_ptr error) { BOOST_TEST(!error); });
    run();
  }
  /// Whatever is ready.
  void run() {
    io.restart();
    io.poll();
  }
};

BOOST_AUTO_TEST_SUITE(feeds)

BOOST_AUTO_TEST_CASE(everyone_who_follows_gets_what_is_published) {
  feed_world w;
  strings one, other;
  w.begin(one);
  w.begin(other);
  BOOST_TEST(w.all->followers() == 2);
  for (const auto* text : {"a", "b"}) {
    w.all->publish(text);
    w.run();
  }
  BOOST_TEST(one == (strings{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(other == one, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_comes_late_gets_nothing_old) {
  feed_world w;
  strings taken;
  w.all->publish("before");
  w.begin(taken);
  BOOST_TEST(taken.empty());
  w.all->publish("after");
  w.run();
  BOOST_TEST(taken == (strings{"after"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_is_slow_gets_the_newest_and_misses_what_was_between) {
  feed_world w;
  strings taken;
  w.begin(taken);
  for (const auto* text : {"a", "b", "c"})
    w.all->publish(text);
  w.run();
  BOOST_TEST(taken == (strings{"c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(its_end_gives_the_last_and_lets_everyone_go) {
  feed_world w;
  strings taken, idle;
  w.begin(taken);
  w.begin(idle);
  w.all->publish("last");
  w.all->end();
  w.run();
  BOOST_TEST(taken == (strings{"last"}), boost::test_tools::per_element());
  BOOST_TEST(w.all->followers() == 0);
  strings too_late;
  w.begin(too_late);
  BOOST_TEST(too_late.empty());
  BOOST_TEST(w.all->followers() == 0);
}

// Through the server

/// Answers each request with what is published.
handler pushing(const std::shared_ptr<feed>& all) {
  return [all](request) -> awaitable<answer> {
    reply head;
    head.status = 200;
    head.fields.add("Cache-Control", "no-store");
    co_return answer{std::move(head), all};
  };
}

/// Until so many follow.
awaitable<void> wait_for_followers(std::shared_ptr<feed> all, std::size_t n) {
  while (all->followers() != n)
    co_await asio::post(co_await asio::this_coro::executor, use_awaitable);
}

BOOST_AUTO_TEST_CASE(a_browser_reads_it_as_server_sent_events) {
  world w;
  const auto all = std::make_shared<feed>(w.io.get_executor());
  const auto s = w.listen(pushing(all));
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    BOOST_TEST(co_await c.send(get()));
    const auto head = co_await c.read_to("\r\n\r\n");
    BOOST_TEST(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"), head);
    BOOST_TEST(head.find("\r\nCache-Control: no-store\r\n") != std::string::npos, head);
    BOOST_TEST((co_await c.read_to("\n\n")) == "retry: 2000\n\n");
    co_await wait_for_followers(all, 1);
    all->publish(R"({"n":1})");
    BOOST_TEST((co_await c.read_to("\n\n")) == "data: {\"n\":1}\n\n");
    all->publish(R"({"n":2})");
    all->end();
    BOOST_TEST((co_await c.read_to("\n\n")) == "data: {\"n\":2}\n\n");
    BOOST_TEST(co_await c.ended());
  };
  w.run(test());
  BOOST_TEST(all->followers() == 0);
}

BOOST_AUTO_TEST_CASE(a_browser_that_does_not_read_holds_up_neither_the_feed_nor_another) {
  constexpr int published = 30;
  const std::string filling(1'000'000, 'x'); // more than what a socket takes
  world w;
  const auto all = std::make_shared<feed>(w.io.get_executor());
  const auto s = w.listen(pushing(all));
  const auto test = [&]() -> awaitable<void> {
    connection slow(w.io), quick(w.io);
    for (auto* c : {&slow, &quick}) {
      BOOST_TEST(co_await c->open(s->port()));
      BOOST_TEST(co_await c->send(get()));
    }
    co_await quick.read_to("retry: 2000\n\n");
    co_await wait_for_followers(all, 2);
    for (int n = 0; n < published; ++n) {
      const auto text = std::to_string(n) + filling;
      all->publish(text);
      BOOST_TEST((co_await quick.read_to("\n\n") == "data: " + text + "\n\n"), "the quick one misses " << n);
    }
    all->end();
    co_await slow.read_to("retry: 2000\n\n");
    int got = 0;
    std::string last;
    for (std::string text; !(text = co_await slow.read_to("\n\n")).empty(); last = std::move(text))
      ++got;
    BOOST_TEST(got > 1);
    BOOST_TEST(got < published);
    BOOST_TEST((last == "data: " + std::to_string(published - 1) + filling + "\n\n"), "the newest is missing");
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(who_only_asks_for_the_head_follows_nothing) {
  world w;
  const auto all = std::make_shared<feed>(w.io.get_executor());
  const auto s = w.listen(pushing(all));
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    BOOST_TEST(co_await c.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"));
    const auto answered = co_await c.receive(true);
    BOOST_TEST_REQUIRE(answered.has_value());
    BOOST_TEST(answered->result_int() == 200);
    BOOST_TEST(all->followers() == 0);
  };
  w.run(test());
}

BOOST_AUTO_TEST_CASE(who_has_followed_for_longest_gives_way_and_may_come_back) {
  world w;
  const auto all = std::make_shared<feed>(w.io.get_executor());
  server_settings settings;
  settings.max_connections = 2;
  const auto s = w.listen(pushing(all), settings);
  const auto test = [&]() -> awaitable<void> {
    connection first(w.io), second(w.io), third(w.io);
    std::size_t followers = 0;
    for (auto* c : {&first, &second}) {
      BOOST_TEST(co_await c->open(s->port()));
      BOOST_TEST(co_await c->send(get()));
      co_await c->read_to("retry: 2000\n\n");
      co_await wait_for_followers(all, ++followers);
    }
    BOOST_TEST(co_await third.open(s->port()));
    BOOST_TEST(co_await third.send(get()));
    co_await third.read_to("retry: 2000\n\n");
    BOOST_TEST(co_await first.ended());
    all->publish("now");
    BOOST_TEST(co_await second.read_to("\n\n") == "data: now\n\n");
    BOOST_TEST(co_await third.read_to("\n\n") == "data: now\n\n");
  };
  w.run(test());
  BOOST_TEST(w.problems.empty());
}

BOOST_AUTO_TEST_CASE(one_who_leaves_is_no_follower_any_more) {
  world w;
  const auto all = std::make_shared<feed>(w.io.get_executor());
  const auto s = w.listen(pushing(all));
  const auto test = [&]() -> awaitable<void> {
    connection c(w.io);
    BOOST_TEST(co_await c.open(s->port()));
    BOOST_TEST(co_await c.send(get()));
    co_await c.read_to("retry: 2000\n\n");
    co_await wait_for_followers(all, 1);
    c.close();
    while (all->followers() > 0) { // the first that is written to who has left is lost without a sign
      all->publish("x");
      co_await asio::post(w.io, use_awaitable);
    }
  };
  w.run(test());
  BOOST_TEST(w.problems.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::web::test
