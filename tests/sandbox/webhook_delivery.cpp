#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "sandbox/event_listener.hpp"
#include "sandbox/tls_client.hpp"

#include <mcbatch/sandbox/server.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using mcbatch::sandbox::tests::event_listener;
using mcbatch::sandbox::tests::tls_client;
using namespace std::chrono_literals;

namespace {

const std::string secret = "whsec_test";

/// One for all tests: keys take time to make.
const identity& good() {
  static const identity made = make_identity().value();
  return made;
}

/// A server, and a client of it. Half of the images take a hundredth of `time`.
class world {
public:
  explicit world(std::string webhooks, std::string conversions = "time=1s", duration patience = 5s)
      : server_(start(std::move(webhooks), std::move(conversions), patience)), client_(server_->port(), good().ca_pem) {
  }

  void send_create(const std::string& url) {
    const auto body = fmt::format(R"({{"job_type":"image","input_url":"i","output_url":"o","input_format":"png",)"
                                  R"("output_format":"webp","webhook_url":"{}"}})",
                                  url);
    client_.send(fmt::format("POST /api/v1/conversion_jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n"
                             "Content-Length: {}\r\n\r\n{}",
                             body.size(), body));
  }
  void create(const std::string& url, int times = 1) {
    for (int n = 0; n < times; ++n) {
      send_create(url);
      BOOST_TEST_REQUIRE(client_.receive().status() == 201);
    }
  }
  tls_client& client() { return client_; }
  server& of() { return *server_; }

  /// Once every event has been sent and come to something, or after ten seconds.
  webhook_counts counts_at_the_end() {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      auto c = server_->webhooks();
      const bool all = c.waiting == 0 && c.sent == c.answered + c.refused + c.failed;
      if (all || std::chrono::steady_clock::now() > limit) return c;
      std::this_thread::sleep_for(1ms); // nothing tells when the server has got an answer
    }
  }

private:
  static std::unique_ptr<server> start(std::string webhooks, std::string conversions, duration patience) {
    service_options o;
    o.token = "t";
    o.conversions = std::move(conversions);
    o.webhooks = std::move(webhooks);
    o.webhook_secret = secret;
    o.seed = 1;
    server_options listen;
    listen.tls = good();
    listen.webhook_patience = patience;
    return server::start(service::make(std::move(o)).value(), std::move(listen)).value();
  }

  std::unique_ptr<server> server_;
  tls_client client_;
};

std::string url_of(const event_listener& l, std::string_view path = "/events") {
  return fmt::format("http://127.0.0.1:{}{}", l.port(), path);
}

std::string job_of(const event_listener::event& e) {
  constexpr std::string_view before = R"({"job_id":")";
  BOOST_TEST_REQUIRE(e.body.starts_with(before));
  return e.body.substr(before.size(), e.body.find('"', before.size()) - before.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(webhook_deliveries)

BOOST_AUTO_TEST_CASE(each_job_is_told_of_twice_and_the_end_agrees_with_its_conversion) {
  for (const bool tls : {false, true}) {
    const event_listener l({}, tls ? &good() : nullptr);
    world w("", "time=1s,failed=0.3,cancelled=0.2");
    w.create(fmt::format("{}://localhost:{}/a%20path?of=%2F&b", tls ? "https" : "http", l.port()), 40);
    const auto counts = w.counts_at_the_end();
    const auto events = l.wait_for(80);
    BOOST_TEST_REQUIRE(events.size() == 80u);
    const auto conversions = w.of().conversions();
    std::map<std::string, int> ends;
    std::set<std::string> states;
    for (const auto& e : events) {
      BOOST_TEST(e.head.starts_with("POST /a%20path?of=%2F&b HTTP/1.1\r\n"));
      BOOST_TEST(e.field("Host") == fmt::format("localhost:{}", l.port()));
      BOOST_TEST(e.field("Content-Type") == "application/json");
      BOOST_TEST(e.is_signed_by(secret));
      if (e.tells("processing")) continue;
      const auto job = job_of(e);
      const auto& end = conversions.at(job);
      ++ends[job];
      BOOST_TEST(e.tells(to_string(end.state)));
      states.emplace(to_string(end.state));
      if (end.state == conversion_state::completed)
        BOOST_TEST(e.body.find(fmt::format("\"cost_micros\":{},", *end.cost_micros)) != std::string::npos);
    }
    BOOST_TEST(states.size() == 3u);
    BOOST_TEST(ends.size() == 40u);
    BOOST_TEST(counts.sent == 80u);
    BOOST_TEST(counts.answered == 80u);
    BOOST_TEST(l.connections() < 80u); // they are kept
    BOOST_TEST(l.most_open() <= 32u);
  }
}

BOOST_AUTO_TEST_CASE(twice_means_the_same_event_twice) {
  const event_listener l;
  world w("twice=1,late=50ms");
  w.create(url_of(l), 10);
  std::map<std::string, int> bodies;
  for (const auto& e : l.wait_for(40))
    ++bodies[e.body];
  BOOST_TEST(bodies.size() == 20u);
  for (const auto& [body, times] : bodies)
    BOOST_TEST(times == 2, body);
}

BOOST_AUTO_TEST_CASE(lost_events_never_come) {
  const event_listener l;
  world w("lost=0.5");
  w.create(url_of(l), 40);
  const auto counts = w.counts_at_the_end();
  BOOST_TEST((counts.sent > 20u && counts.sent < 60u));
  BOOST_TEST(counts.answered == counts.sent);
  BOOST_TEST(l.wait_for(counts.sent).size() == counts.sent);
}

BOOST_AUTO_TEST_CASE(late_events_come_late) {
  const event_listener l;
  world w("late=400ms");
  const auto begin = std::chrono::steady_clock::now();
  w.create(url_of(l), 20); // conversions of 10 ms
  const auto events = l.wait_for(40);
  BOOST_TEST_REQUIRE(events.size() == 40u);
  BOOST_TEST((events.back().arrived - begin > 200ms));
}

BOOST_AUTO_TEST_CASE(an_early_event_comes_before_the_answer_to_its_create) {
  const event_listener l;
  world w("early=1");
  w.send_create(url_of(l));
  BOOST_TEST(w.client().receive().status() == 201);
  const auto answered = std::chrono::steady_clock::now();
  const auto events = l.wait_for(2);
  BOOST_TEST_REQUIRE(events.size() == 2u);
  BOOST_TEST(events[0].tells("processing") != events[1].tells("processing"));
  for (const auto& e : events)
    BOOST_TEST((e.arrived < answered)); // of so short a conversion the end as well
}

BOOST_AUTO_TEST_CASE(a_receiver_that_checks_signatures_refuses_the_forged_alone) {
  const event_listener l([](const event_listener::event& e) { return e.is_signed_by(secret) ? 204 : 401; });
  world w("forged=0.5,retries=3");
  w.create(url_of(l), 40);
  const auto counts = w.counts_at_the_end();
  BOOST_TEST(counts.answered == 80u);
  BOOST_TEST((counts.forged > 20u && counts.forged < 60u));
  BOOST_TEST(counts.refused == counts.forged);
}

BOOST_AUTO_TEST_CASE(what_is_refused_is_tried_again) {
  const event_listener l([](const event_listener::event& e) { return e.nth == 0 ? 503 : 200; });
  world w("lost=0,retries=1");
  w.create(url_of(l));
  const auto events = l.wait_for(3);
  BOOST_TEST_REQUIRE(events.size() == 3u);
  BOOST_TEST(events[2].body == events[0].body);
  BOOST_TEST((events[2].arrived - events[0].arrived > 900ms)); // the first pause is a second
  BOOST_TEST(w.counts_at_the_end().answered == 2u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_delivered_is_counted_and_the_reason_told) {
  unsigned short gone = 0;
  {
    const event_listener l;
    gone = l.port();
  }
  const event_listener plain, leaving([](const auto&) { return event_listener::leave; }),
      hanging([](const auto&) { return event_listener::hang; });
  const std::pair<std::string, std::string> rows[] = {
      {fmt::format("http://127.0.0.1:{}/", gone), fmt::format("127.0.0.1 port {} could not be connected to", gone)},
      {fmt::format("https://127.0.0.1:{}/", plain.port()), "TLS with 127.0.0.1"},
      {url_of(leaving), "gave no answer"},
      {url_of(hanging), "gave no answer"},
      {"http://nowhere.invalid/", "no address of nowhere.invalid"},
      {"ftp://127.0.0.1/", "no http or https URL"}};
  for (const auto& [url, why] : rows) {
    BOOST_TEST_CONTEXT(url) {
      world w("", "time=1s", 300ms);
      w.create(url);
      const auto counts = w.counts_at_the_end();
      BOOST_TEST(counts.sent == 2u);
      BOOST_TEST(counts.failed == 2u);
      BOOST_TEST(counts.last_failure.find(why) != std::string::npos, counts.last_failure);
      BOOST_TEST(!w.of().problem().has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_connection_that_its_receiver_has_left_costs_no_event) {
  const event_listener closing([](const auto&) { return event_listener::close; });
  const event_listener leaving(
      [](const event_listener::event& e) { return e.nth_of_connection > 0 ? event_listener::leave : 200; });
  for (const auto* l : {&closing, &leaving}) {
    world w("");
    for (int n = 0; n < 5; ++n) {
      w.create(url_of(*l));
      w.counts_at_the_end(); // one after the other
    }
    BOOST_TEST(w.of().webhooks().answered == 10u);
  }
  BOOST_TEST(leaving.wait_for(11).size() > 10u); // it had some before it left, and has had them again
}

BOOST_AUTO_TEST_CASE(no_more_than_32_are_under_way_at_once) {
  std::promise<void> all_are_due;
  const event_listener l([&, due = all_are_due.get_future().share()](const auto&) {
    due.wait();
    return 200;
  });
  world w("", "time=1s", 60s);
  w.create(url_of(l), 50);
  const auto ended = [](const auto& each) { return is_final(each.second.state); };
  while (!std::ranges::all_of(w.of().conversions(), ended))
    std::this_thread::sleep_for(1ms); // conversions go by the real clock
  BOOST_TEST(l.wait_for(32).size() == 32u);
  all_are_due.set_value();
  BOOST_TEST(w.counts_at_the_end().answered == 100u);
  BOOST_TEST(l.most_open() == 32u);
}

BOOST_AUTO_TEST_CASE(stop_does_not_wait_for_deliveries) {
  const event_listener l([](const auto&) { return event_listener::hang; });
  world w("");
  w.create(url_of(l), 40);
  BOOST_TEST(l.wait_for(32).size() == 32u);
  const auto begin = std::chrono::steady_clock::now();
  w.of().stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 1s));
  const auto counts = w.of().webhooks();
  BOOST_TEST(counts.sent == 32u);
  BOOST_TEST(counts.failed == 0u);
  BOOST_TEST(counts.waiting == 48u);
}

BOOST_AUTO_TEST_SUITE_END()
