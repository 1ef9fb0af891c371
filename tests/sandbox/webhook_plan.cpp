#define BOOST_TEST_DYN_LINK
#include <mcbatch/sandbox/webhook_plan.hpp>

#include "sandbox/webhook_signature.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using namespace std::chrono_literals;

namespace {

const wall_time half_past_ten{std::chrono::seconds(1705314600)}; // 2024-01-15 UTC
constexpr int many = 4000;

webhook_plan plan_of(std::string_view spec, std::uint64_t seed = 1) {
  return webhook_plan::parse(spec, seed).value();
}

conversion_course ten_seconds() {
  conversion_course c{1s, 11s, {}};
  c.at_the_end.state = conversion_state::completed;
  c.at_the_end.progress_percent = 100;
  c.at_the_end.cost_micros = 1575000;
  c.at_the_end.processing_time = 45s;
  c.at_the_end.output_bytes = 8192000;
  return c;
}

std::vector<webhook_course> courses(std::string_view spec, std::uint64_t seed = 1) {
  const auto plan = plan_of(spec, seed);
  std::vector<webhook_course> all;
  for (int n = 0; n < many; ++n)
    all.push_back(plan.course_of("job_" + std::to_string(n), ten_seconds()));
  return all;
}

bool is_end(const planned_event& e) {
  return e.tells_of == 11s;
}

std::ptrdiff_t ends(const webhook_course& c) {
  return std::ranges::count_if(c.events, is_end);
}

/// The part of the courses of which that is true.
template <class Is>
double part(const std::vector<webhook_course>& all, Is is) {
  return static_cast<double>(std::ranges::count_if(all, is)) / static_cast<double>(all.size());
}

bool same(const webhook_course& a, const webhook_course& b) {
  return a.answer_held == b.answer_held &&
         std::ranges::equal(a.events, b.events, [](const planned_event& x, const planned_event& y) {
           return x.leaves == y.leaves && x.tells_of == y.tells_of && x.forged == y.forged;
         });
}

/// Within four standard deviations of a count of `many`.
bool near(double part, double p) {
  return std::abs(part - p) < 4 * std::sqrt(p * (1 - p) / many);
}

webhook_job job_with(conversion_course course) {
  return {"job_abc123xyz", "video", "http://x/", {}, half_past_ten, std::move(course)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(webhook_plans)

BOOST_AUTO_TEST_CASE(a_job_has_one_event_under_way_and_one_at_its_end) {
  for (const auto& c : courses("")) {
    BOOST_TEST_REQUIRE(c.events.size() == 2u);
    const auto& [under_way, end] = std::pair(c.events[0], c.events[1]);
    BOOST_TEST((under_way.leaves == under_way.tells_of && under_way.leaves > 1s && under_way.leaves < 11s));
    BOOST_TEST((end.leaves == 11s && is_end(end)));
    BOOST_TEST((!under_way.forged && !end.forged && c.answer_held == 0s));
  }
}

BOOST_AUTO_TEST_CASE(late_events_leave_at_any_time_up_to_it) {
  duration longest{}, shortest = 1h;
  for (const auto& c : courses("late=4s"))
    for (const auto& e : c.events) {
      longest = std::max(longest, e.leaves - e.tells_of);
      shortest = std::min(shortest, e.leaves - e.tells_of);
    }
  BOOST_TEST((shortest >= 0s && shortest < 40ms && longest > 3960ms && longest <= 4s));
}

BOOST_AUTO_TEST_CASE(each_probability_is_kept) {
  const auto twice = courses("twice=0.1,late=4s");
  BOOST_TEST(near(part(twice, [](const auto& c) { return ends(c) == 2; }), 0.1));
  BOOST_TEST(near(part(twice, [](const auto& c) { return ends(c) == 1; }), 0.9));
  BOOST_TEST(part(twice, [](const auto& c) {
               return ends(c) == 2 && c.events.back().leaves == std::prev(c.events.end(), 2)->leaves;
             }) == 0); // the second is later

  const auto lost = courses("lost=0.1");
  BOOST_TEST(near(part(lost, [](const auto& c) { return ends(c) == 0; }), 0.1));
  BOOST_TEST(near(part(lost, [](const auto& c) { return c.events.empty(); }), 0.01)); // each event by itself

  const auto forged = courses("forged=0.1");
  BOOST_TEST(near(part(forged,
                       [](const auto& c) {
                         return std::ranges::any_of(c.events, [](const auto& e) { return e.forged && is_end(e); });
                       }),
                  0.1));
  BOOST_TEST(part(forged, [](const auto& c) {
               return std::ranges::count_if(c.events, [](const auto& e) { return !e.forged; }) == 2;
             }) == 1); // the true ones leave as well

  BOOST_TEST(near(part(courses("early=0.1"), [](const auto& c) { return c.answer_held > 0s; }), 0.1));
  BOOST_TEST(near(part(courses("shuffled=0.1"), [](const auto& c) { return is_end(c.events.front()); }), 0.1));
}

BOOST_AUTO_TEST_CASE(certainty_and_never_are_kept) {
  BOOST_TEST(part(courses("lost=1,forged=0"), [](const auto& c) { return c.events.empty(); }) == 1);
  BOOST_TEST(part(courses("twice=1"), [](const auto& c) { return c.events.size() == 4; }) == 1);
  BOOST_TEST(part(courses("forged=1"), [](const auto& c) { return c.events.front().forged; }) == 1);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_shuffled_job_overtakes_whatever_the_delays) {
  for (const auto& c : courses("shuffled=1,late=30s"))
    BOOST_TEST(is_end(c.events.front()));
}

BOOST_AUTO_TEST_CASE(an_early_event_leaves_at_once_and_the_answer_after_it) {
  for (const auto& c : courses("early=1,late=30s,shuffled=1")) {
    BOOST_TEST((c.events.front().leaves == 0s && c.answer_held > 0s));
    BOOST_TEST(webhook_body(job_with(ten_seconds()), c.events.front()).find("\"processing\"") != std::string::npos);
  }
  conversion_course short_one = ten_seconds();
  short_one.begins = 10ms;
  short_one.ends = 100ms;
  const auto c = plan_of("early=1").course_of("job_1", short_one);
  BOOST_TEST((c.events.back().leaves == 100ms && c.answer_held > 100ms));
}

BOOST_AUTO_TEST_CASE(a_job_goes_the_same_each_time_and_another_seed_makes_it_go_otherwise) {
  const auto spec = "late=5s,twice=0.3,shuffled=0.3,lost=0.3,early=0.3,forged=0.3";
  const auto once = courses(spec), again = courses(spec), other = courses(spec, 2);
  BOOST_TEST(std::ranges::equal(once, again, same));
  BOOST_TEST(!std::ranges::equal(once, other, same));
}

BOOST_AUTO_TEST_CASE(no_part_of_the_spec_changes_what_another_does) {
  const auto lost_of = [](std::string_view spec) {
    std::set<int> lost;
    const auto all = courses(spec);
    for (int n = 0; n < many; ++n)
      if (ends(all[static_cast<std::size_t>(n)]) == 0) lost.insert(n);
    return lost;
  };
  BOOST_TEST((lost_of("lost=0.2") == lost_of("late=9s,twice=0.5,early=0.5,lost=0.2,shuffled=0.5")));
}

BOOST_AUTO_TEST_CASE(events_read_as_documented) {
  BOOST_TEST(webhook_body(job_with(ten_seconds()), {11s, 11s}) ==
             R"({"job_id":"job_abc123xyz","status":"completed","job_type":"video","progress_percentage":100,)"
             R"("cost_micros":1575000,"processing_time_seconds":45,"output_size_bytes":8192000,)"
             R"("created_at":"2024-01-15T10:30:00Z","completed_at":"2024-01-15T10:30:11.000000Z"})");
  BOOST_TEST(webhook_body(job_with(ten_seconds()), {6s, 6s}) ==
             R"({"job_id":"job_abc123xyz","status":"processing","progress_percentage":49,)"
             R"("estimated_completion":"2024-01-15T10:30:11.000000Z"})");
  auto failing = ten_seconds();
  failing.at_the_end = {};
  failing.at_the_end.state = conversion_state::failed;
  failing.at_the_end.progress_percent = 25;
  failing.at_the_end.error = "INVALID_INPUT";
  failing.at_the_end.message = "Input file corrupted or unreadable";
  BOOST_TEST(webhook_body(job_with(failing), {11s, 11s}) ==
             R"({"job_id":"job_abc123xyz","status":"failed","progress_percentage":25,)"
             R"("error_code":"INVALID_INPUT","error_message":"Input file corrupted or unreadable",)"
             R"("failed_at":"2024-01-15T10:30:11.000000Z"})");
  auto cancelled = failing;
  cancelled.at_the_end.state = conversion_state::cancelled;
  BOOST_TEST(webhook_body(job_with(cancelled), {11s, 11s}) ==
             R"({"job_id":"job_abc123xyz","status":"cancelled","progress_percentage":25,)"
             R"("cancelled_at":"2024-01-15T10:30:11.000000Z"})");
}

BOOST_AUTO_TEST_CASE(a_forged_event_claims_another_state) {
  const auto claims = [](const conversion_course& course, duration age, std::string_view state) {
    return webhook_body(job_with(course), {age, age, true}).find(state) != std::string::npos;
  };
  auto failing = ten_seconds();
  failing.at_the_end.state = conversion_state::failed;
  BOOST_TEST(claims(ten_seconds(), 11s, R"("status":"failed")"));
  BOOST_TEST(claims(ten_seconds(), 6s, R"("status":"completed")"));
  BOOST_TEST(claims(failing, 11s, R"("status":"completed")"));
}

BOOST_AUTO_TEST_CASE(pauses_grow_up_to_a_minute) {
  const auto plan = plan_of("retries=9");
  std::vector<duration> pauses;
  for (int n = 1; const auto pause = plan.pause_before(n); ++n)
    pauses.push_back(*pause);
  BOOST_TEST((pauses == std::vector<duration>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}));
  BOOST_TEST(!plan_of("").pause_before(1).has_value());
}

// printf %s '{"a":1}' | openssl dgst -sha256 -hmac whsec_sandbox
BOOST_AUTO_TEST_CASE(a_signature_is_what_others_compute) {
  BOOST_TEST(webhook_signature(R"({"a":1})", "whsec_sandbox") ==
             "sha256=252c123ef74c081364566ff44a5502d53d87a1f76a2336a3e1ebbed0dd4b8ba1");
}

BOOST_AUTO_TEST_CASE(a_bad_part_is_named) {
  for (const std::string spec : {"later=1s", "late", "late=5", "twice=1.1", "lost=-0.1", "early=nan", "forged=x",
                                 "shuffled=", "retries=-1", "retries=1.5", "retries=101", "late=1s,,"}) {
    const auto plan = webhook_plan::parse(spec, 1);
    BOOST_TEST_REQUIRE(plan.has_error(), spec);
    BOOST_TEST((plan.error().code == errc::bad_setting));
  }
  BOOST_TEST(webhook_plan::parse("late=1s,lost=2", 1).error().what.starts_with("The part \"lost=2\""));
}

BOOST_AUTO_TEST_CASE(the_help_names_each_part) {
  for (const auto part : {"late=", "twice=", "shuffled=", "lost=", "early=", "forged=", "retries="})
    BOOST_TEST(webhook_help().find(part) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
