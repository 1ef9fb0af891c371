#define BOOST_TEST_DYN_LINK
#include <mcbatch/sandbox/service.hpp>

#include "sandbox/webhook_signature.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using namespace std::chrono_literals;

namespace {

const wall_time half_past_ten{std::chrono::seconds(1705314600)}; // 2024-01-15 UTC

instant mono(duration t) {
  return instant(1000s + t);
}

now_pair at(duration t) {
  return {mono(t), half_past_ten + std::chrono::floor<std::chrono::microseconds>(t)};
}

service make(std::string webhooks, std::string conversions = "time=100s") {
  service_options o;
  o.token = "mc_test_good";
  o.conversions = std::move(conversions);
  o.webhooks = std::move(webhooks);
  o.webhook_secret = "whsec_1";
  return service::make(std::move(o)).value();
}

handled create(service& s, duration when, std::string_view url = R"("http://127.0.0.1:9/events?of=1")") {
  request r{verb::post, "/api/v1/conversion_jobs", {}, {}};
  r.fields.add("Authorization", "Bearer mc_test_good");
  r.body = fmt::format(R"({{"job_type":"video","input_url":"i","output_url":"o","input_format":"mp4",)"
                       R"("output_format":"webm","webhook_url":{}}})",
                       url);
  return s.handle(r, at(when));
}

/// Everything that leaves by `until`, each answered with `status` at once.
std::vector<webhook_event> play(webhook_queue& q, duration until, int status) {
  std::vector<webhook_event> left;
  while (const auto next = q.next()) {
    if (*next > mono(until)) break;
    auto event = q.take(*next);
    BOOST_TEST_REQUIRE(event.has_value());
    q.on_answer(*event, {status, status == 0 ? "nobody there" : ""}, *next);
    left.push_back(std::move(*event));
  }
  return left;
}

bool tells(const webhook_event& e, std::string_view state) {
  return e.body.find(fmt::format(R"("status":"{}")", state)) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(webhooks)

BOOST_AUTO_TEST_CASE(events_leave_when_they_are_due) {
  auto s = make("");
  create(s, 5s);
  auto& q = s.webhooks();
  BOOST_TEST(q.counts().waiting == 2u);
  const auto due = q.next().value();
  BOOST_TEST((due > mono(5s)));
  BOOST_TEST(!q.take(due - 1ns).has_value());
  const auto first = q.take(due);
  BOOST_TEST_REQUIRE(first.has_value());
  BOOST_TEST(tells(*first, "processing"));
  BOOST_TEST(first->job->url == "http://127.0.0.1:9/events?of=1");
  BOOST_TEST(first->signature == webhook_signature(first->body, "whsec_1"));
  q.on_answer(*first, {204, {}}, due);
  const auto end = s.conversions(at(24h)).begin()->second;
  const auto second = q.take(mono(24h));
  BOOST_TEST(tells(second.value(), to_string(end.state)));
  BOOST_TEST(second->body.find(fmt::format(R"("cost_micros":{},)", *end.cost_micros)) != std::string::npos);
  BOOST_TEST(!q.next().has_value());
}

BOOST_AUTO_TEST_CASE(events_of_many_jobs_leave_in_the_order_of_their_times) {
  auto s = make("late=10s,twice=0.5,shuffled=0.5,forged=0.5");
  for (int n = 0; n < 200; ++n)
    create(s, n * 1s);
  auto& q = s.webhooks();
  const auto planned = q.counts().waiting;
  std::optional<instant> last;
  while (const auto next = q.next()) {
    if (last) BOOST_TEST((*next >= *last));
    last = next;
    BOOST_TEST_REQUIRE(q.take(*next).has_value());
  }
  BOOST_TEST(q.counts().sent == planned);
  BOOST_TEST(planned > 400u);
}

BOOST_AUTO_TEST_CASE(there_are_no_events_without_a_webhook_url_or_without_conversions) {
  auto s = make("");
  for (const auto* url : {"null", "7", "\"\""})
    BOOST_TEST(create(s, 0s, url).answer.status == 201);
  BOOST_TEST(!s.webhooks().next().has_value());
  auto pending = make("", "");
  create(pending, 0s);
  BOOST_TEST(!pending.webhooks().next().has_value());
}

BOOST_AUTO_TEST_CASE(the_answer_to_an_early_jobs_create_is_held_back) {
  auto s = make("early=1");
  const auto h = create(s, 5s);
  BOOST_TEST((s.webhooks().next() == mono(5s)));
  BOOST_TEST((h.delay > 0s));
  BOOST_TEST((create(s, 5s, "null").delay == 0s));
}

BOOST_AUTO_TEST_CASE(an_event_that_is_not_taken_is_sent_again_with_growing_pauses_so_often) {
  for (const int status : {500, 302, 0}) {
    auto s = make("retries=3");
    create(s, 0s);
    auto& q = s.webhooks();
    const auto first = q.next().value();
    std::vector<duration> leave;
    std::string body;
    for (int n = 0; n < 4; ++n) {
      const auto next = q.next().value();
      const auto event = q.take(next).value();
      leave.push_back(next - first);
      if (n > 0) BOOST_TEST(event.body == body);
      body = event.body;
      q.on_answer(event, {status, "nobody there"}, next + 100ms);
    }
    BOOST_TEST((leave == std::vector<duration>{0s, 1100ms, 3200ms, 7300ms}));
    BOOST_TEST(!tells(q.take(mono(24h)).value(), "processing")); // given up, and the end is next
  }
}

BOOST_AUTO_TEST_CASE(an_event_that_was_taken_is_not_sent_again) {
  auto s = make("retries=3");
  create(s, 0s);
  BOOST_TEST(play(s.webhooks(), 24h, 200).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_forged_event_bears_another_signature_and_is_never_sent_again) {
  auto s = make("forged=1,retries=3,lost=1");
  create(s, 0s);
  const auto left = play(s.webhooks(), 24h, 401);
  BOOST_TEST(left.size() == 2u);
  for (const auto& e : left) {
    BOOST_TEST(e.signature.starts_with("sha256="));
    BOOST_TEST(e.signature != webhook_signature(e.body, "whsec_1"));
  }
  BOOST_TEST(s.webhooks().counts().forged == 2u);
}

BOOST_AUTO_TEST_CASE(each_try_is_counted_by_what_came_of_it) {
  auto s = make("retries=1");
  for (int n = 0; n < 3; ++n)
    create(s, 0s);
  auto& q = s.webhooks();
  const int statuses[] = {200, 500, 0, 404, 299, 300};
  for (const auto status : statuses) {
    const auto next = q.next().value();
    const auto event = q.take(next).value();
    q.on_answer(event, {status, status == 0 ? "nobody there" : ""}, next + 24h);
  }
  const auto counts = q.counts();
  BOOST_TEST(counts.sent == 6u);
  BOOST_TEST(counts.answered == 2u);
  BOOST_TEST(counts.refused == 3u);
  BOOST_TEST(counts.failed == 1u);
  BOOST_TEST(counts.waiting == 4u); // to be tried again
  BOOST_TEST(counts.last_failure == "nobody there");
}

BOOST_AUTO_TEST_SUITE_END()
