#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "track/played_world.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace mcbatch::track::test {
namespace {

using namespace std::chrono_literals;
using submit::stop_reason;

/// A service of which each job's conversion ends at its own time since the beginning; that of one which was created
/// meanwhile never does.
struct converting_service {
  std::map<std::uint64_t, duration> ends;
  played_world* world = nullptr;

  played_world::service answers() {
    return [this](const request& r) -> net::exchange_result {
      const auto n = job_asked_about(r);
      if (n == 0) return reply{201, {}, R"({"id":")" + id_of(++created_) + R"(","status":"pending"})"};
      if (n > first_created) return answer_of(n, "processing");
      const auto found = ends.find(n);
      if (found == ends.end()) return reply{404, {}, R"({"error":"not_found","message":"No such job"})"};
      return world->now() < found->second ? answer_of(n, "processing")
                                          : answer_of(n, "completed", R"(,"cost_micros":7)");
    };
  }

private:
  static constexpr std::uint64_t first_created = 5000;
  std::uint64_t created_ = first_created;
};

net::exchange_result completed(const request& r) {
  return answer_of(job_asked_about(r), "completed", R"(,"cost_micros":7)");
}

std::size_t requests_about(const played_world& w, std::uint64_t n) {
  return static_cast<std::size_t>(
      std::ranges::count_if(w.sent, [&](const auto& s) { return s.target.ends_with("/" + id_of(n)); }));
}

BOOST_AUTO_TEST_SUITE(trackers)

BOOST_AUTO_TEST_CASE(every_conversion_is_followed_to_its_end) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  for (std::uint64_t n = 1; n <= 40; ++n) {
    w.add_submitted(n, 0s);
    s.ends[n] = n * 20s;
  }
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST(w.observer.ends.size() == 40);
  BOOST_TEST(w.observer.conversions[conversion_state::completed] == 40);
  for (std::uint64_t n = 1; n <= 40; ++n) {
    const auto r = w.record_of(n);
    BOOST_TEST((r.conversion.value().state == conversion_state::completed));
    BOOST_TEST(r.conversion->cost_micros.value() == 7);
  }
  BOOST_TEST(w.now() < 4 * 800s); // and its end is noticed before long
}

BOOST_AUTO_TEST_CASE(a_ledger_without_open_conversions_takes_no_request) {
  played_world w(completed);
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST(w.sent.empty());
}

// Events beside

BOOST_AUTO_TEST_CASE(an_event_that_ends_a_job_while_its_poll_is_in_flight_is_not_undone_by_the_poll) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    world->at(world->now() + 5s, [&] { world->hear(event_of(1, "completed", R"(,"cost_micros":7)"), 1); });
    return answer_of(job_asked_about(r), "processing", R"(,"progress_percentage":50)");
  });
  world = &w;
  w.round_trip = 10s;
  w.add_submitted(1);
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST(w.sent.size() == 1); // and it is not asked about again
  BOOST_TEST(w.observer.ends.size() == 1);
  const auto c = w.record_of(1).conversion.value();
  BOOST_TEST((c.state == conversion_state::completed));
  BOOST_TEST(c.cost_micros.value() == 7);
  BOOST_TEST(w.answered.at(0).status == 200);
  BOOST_TEST(w.receiver().counts().news == 1);
}

BOOST_AUTO_TEST_CASE(an_end_that_a_poll_tells_after_an_event_is_told_once) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    world->at(world->now() + 5s, [&] { world->hear(event_of(1, "completed", R"(,"cost_micros":7)"), 1); });
    return completed(r);
  });
  world = &w;
  w.round_trip = 10s;
  w.add_submitted(1);
  w.play();
  BOOST_TEST(w.observer.ends.size() == 1);
  BOOST_TEST(w.observer.conversions[conversion_state::completed] == 1);
}

BOOST_AUTO_TEST_CASE(an_event_that_repeats_what_a_poll_told_is_no_news) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    if (job_asked_about(r) == 1) return completed(r);
    return answer_of(2, world->now() < 1h ? "processing" : "completed");
  });
  world = &w;
  w.add_submitted(1);
  w.add_submitted(2); // so that it goes on
  w.at(10min, [&] { w.hear(event_of(1, "completed"), 1); });
  w.at(11min, [&] { w.hear(event_of(1, "failed"), 1); });     // what has ended stays as it ended
  w.at(12min, [&] { w.hear(event_of(1, "processing"), 1); }); // and nothing goes back
  w.play();
  BOOST_TEST(w.receiver().counts().no_news == 3);
  BOOST_TEST(w.receiver().counts().news == 0);
  BOOST_TEST(w.observer.ends.size() == 2);
  BOOST_TEST((w.record_of(1).conversion.value().state == conversion_state::completed));
}

BOOST_AUTO_TEST_CASE(but_for_a_few_nothing_is_asked_about_while_its_event_is_in_time) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.settings.polls.expect_events = true;
  w.settings.polls.event_grace = 24h;
  for (std::uint64_t n = 1; n <= 200; ++n) {
    w.add_submitted(n);
    s.ends[n] = n * 1min;
    w.at(s.ends[n], [&w, n] { w.hear(event_of(n, n % 2 == 0 ? "completed" : "failed"), n); });
  }
  w.play();
  std::set<std::string> asked_about;
  for (const auto& r : w.sent)
    asked_about.insert(r.target);
  BOOST_TEST(asked_about.size() <= 20); // that tell whether events come at all
  BOOST_TEST(w.observer.ends.size() == 200);
  BOOST_TEST(w.observer.conversions[conversion_state::failed] + w.observer.conversions[conversion_state::completed] ==
             200);
}

BOOST_AUTO_TEST_CASE(an_event_that_tells_of_progress_leaves_the_end_to_another) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.settings.polls.expect_events = true;
  for (std::uint64_t n = 1; n <= 200; ++n) {
    w.add_submitted(n, 0s);
    s.ends[n] = 60s + n * 1s;
    w.at(s.ends[n] / 2, [&w, n] { w.hear(event_of(n, "processing", R"(,"progress_percentage":50)"), n); });
    w.at(s.ends[n], [&w, n] { w.hear(event_of(n, "completed", R"(,"cost_micros":7)"), n); });
  }
  w.play();
  BOOST_TEST(w.observer.ends.size() == 200);
  BOOST_TEST(w.sent.size() < 40, w.sent.size() << " requests, and no event was lost");
}

BOOST_AUTO_TEST_CASE(what_an_event_does_not_tell_is_asked_for_when_it_is_overdue) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.settings.polls.expect_events = true;
  w.settings.polls.event_grace = 10s;
  for (std::uint64_t n = 1; n <= 100; ++n) {
    w.add_submitted(n);
    s.ends[n] = 60s + n * 1s;
    if (n % 10 != 0) w.at(s.ends[n], [&w, n] { w.hear(event_of(n, "completed", R"(,"cost_micros":7)"), n); });
  }
  w.play();
  BOOST_TEST(w.observer.ends.size() == 100);
  for (std::uint64_t n = 10; n <= 100; n += 10)
    BOOST_TEST(requests_about(w, n) >= 1);
}

BOOST_AUTO_TEST_CASE(a_job_that_an_event_proves_is_followed_to_its_end_as_well) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.add_submitted(1);
  w.add_in_doubt(2);
  s.ends = {{1, 10min}, {2, 20min}};
  w.at(5min, [&] { w.hear(event_of(2, "processing"), 2); }); // that of its end is lost
  w.play();
  BOOST_TEST(w.receiver().counts().proofs == 1);
  const auto r = w.record_of(2);
  BOOST_TEST((r.state == job_state::submitted));
  BOOST_TEST((r.conversion.value().state == conversion_state::completed));
  BOOST_TEST(w.observer.ends.size() == 2);
}

BOOST_AUTO_TEST_CASE(jobs_in_doubt_are_waited_for_while_an_event_may_prove_them) {
  for (const bool proven : {true, false}) {
    converting_service s;
    played_world w(s.answers());
    s.world = &w;
    w.add_in_doubt(2);
    w.settings.polls.expect_events = true;
    w.settings.polls.event_grace = 2min;
    s.ends = {{2, 10min}};
    if (proven) w.at(1min, [&] { w.hear(event_of(2, "processing"), 2); });
    w.play();
    BOOST_TEST(w.observer.ends.size() == (proven ? 1 : 0));
    if (!proven) BOOST_TEST((w.now() >= 2min && w.now() < 3min));
    BOOST_TEST(w.observer.problems.size() == 1); // which says what is waited for
  }
  played_world nobody_listens(completed);
  nobody_listens.add_in_doubt(2);
  nobody_listens.play();
  BOOST_TEST((nobody_listens.now() < 1s));
}

BOOST_AUTO_TEST_CASE(what_an_event_adds_to_an_end_is_no_second_end) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    if (job_asked_about(r) == 1) return answer_of(1, "completed");
    return answer_of(2, world->now() < 1h ? "processing" : "completed");
  });
  world = &w;
  w.add_submitted(1);
  w.add_submitted(2); // so that it goes on
  w.at(10min, [&] { w.hear(event_of(1, "completed", R"(,"cost_micros":7)"), 1); });
  w.play();
  BOOST_TEST(w.receiver().counts().news == 1);
  BOOST_TEST(w.observer.ends.size() == 2);
  BOOST_TEST(w.record_of(1).conversion.value().cost_micros.value() == 7);
}

// Many

BOOST_AUTO_TEST_CASE(what_is_stuck_at_the_head_of_a_ledger_keeps_nothing_behind_it_from_its_end) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.settings.planned_at_once = 10;
  for (std::uint64_t n = 1; n <= 60; ++n) {
    w.add_submitted(n);
    s.ends[n] = n <= 50 ? 24h : 1min;
  }
  std::size_t ended_early = 0;
  w.at(3h, [&] { ended_early = w.observer.ends.size(); });
  w.play();
  BOOST_TEST(ended_early == 10);
  BOOST_TEST(w.observer.ends.size() == 60);
}

BOOST_AUTO_TEST_CASE(the_ledger_is_searched_for_many_at_a_time) {
  played_world w(completed);
  w.settings.planned_at_once = 50;
  for (std::uint64_t n = 1; n <= 400; ++n)
    w.add_submitted(n);
  w.play();
  BOOST_TEST(w.observer.ends.size() == 400);
  BOOST_TEST(w.observer.looks < 400 + 2 * 400 / 50); // for each end, and for each part of the ledger
}

// What goes wrong

BOOST_AUTO_TEST_CASE(a_job_that_the_service_does_not_know_is_told_once_after_five_answers_and_not_waited_for) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.add_submitted(1);
  w.add_submitted(2);
  s.ends[2] = 2h;
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST(requests_about(w, 1) >= 6); // now and then, as long as another one is followed
  BOOST_TEST(requests_about(w, 1) <= 9);
  BOOST_TEST(w.observer.not_there == std::vector<std::string>{id_of(1)}, boost::test_tools::per_element());
  BOOST_TEST(w.tracker().missing() == 1);
  BOOST_TEST(w.missing_on_record() == 1);
  BOOST_TEST(w.observer.ends.size() == 1);
  BOOST_TEST(w.observer.conversions[conversion_state::pending] == 1); // nothing is made up
}

BOOST_AUTO_TEST_CASE(an_answer_that_cannot_be_understood_or_is_about_another_job_is_no_end) {
  played_world w([odd = false](const request&) mutable -> net::exchange_result {
    odd = !odd;
    return reply{200, {}, odd ? R"({"id":"job_1"})" : R"({"id":"job_2","status":"completed"})"};
  });
  w.add_submitted(1);
  w.play();
  BOOST_TEST(w.sent.size() == 5);
  BOOST_TEST(w.observer.not_there.size() == 1);
  BOOST_TEST(w.observer.ends.empty());
}

BOOST_AUTO_TEST_CASE(a_job_that_is_not_there_for_a_while_is_found_again) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    const auto n = job_asked_about(r);
    if (world->now() < (n == 1 ? 3min : 20min)) return reply{404, {}, "{}"};
    return world->now() < 3h ? answer_of(n, "processing") : completed(r);
  });
  world = &w;
  w.add_submitted(1);
  w.add_submitted(2);
  w.play();
  BOOST_TEST(w.observer.not_there == std::vector<std::string>{id_of(2)}, boost::test_tools::per_element());
  BOOST_TEST(w.tracker().missing() == 0);
  BOOST_TEST(w.observer.ends.size() == 2);
}

BOOST_AUTO_TEST_CASE(a_status_that_is_not_documented_is_told_once_and_is_no_end) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    return world->now() < 2h ? answer_of(job_asked_about(r), "queued") : completed(r);
  });
  world = &w;
  w.add_submitted(1);
  w.add_submitted(2);
  w.at(1h, [&] { w.hear(event_of(2, "transmuted"), 2); });
  w.play();
  BOOST_TEST(w.observer.ends.size() == 2);
  BOOST_TEST(w.observer.not_there.empty());
  BOOST_TEST(w.answered.at(0).status == 200);
  BOOST_TEST_REQUIRE(w.observer.problems.size() == 1);
  BOOST_TEST(w.observer.problems[0].find("\"queued\"") != std::string::npos, w.observer.problems[0]);
}

BOOST_AUTO_TEST_CASE(a_job_that_may_not_be_looked_at_stops_no_other) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    const auto n = job_asked_about(r);
    if (n > 10) return reply{403, {}, R"({"error":"forbidden"})"};
    return world->now() < n * 1min ? answer_of(n, "processing") : completed(r);
  });
  world = &w;
  for (std::uint64_t n = 1; n <= 20; ++n)
    w.add_submitted(n);
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST(w.observer.ends.size() == 10);
  BOOST_TEST(w.tracker().missing() == 10);
}

BOOST_AUTO_TEST_CASE(an_event_finds_a_job_again_that_was_given_up) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.add_submitted(1);
  w.add_submitted(2);
  s.ends[2] = 2h;
  w.at(1h, [&] { w.hear(event_of(1, "completed"), 1); });
  w.play();
  BOOST_TEST(w.observer.not_there.size() == 1);
  BOOST_TEST(w.tracker().missing() == 0);
  BOOST_TEST(w.missing_on_record() == 0);
  BOOST_TEST(w.observer.ends.size() == 2);
}

BOOST_AUTO_TEST_CASE(so_does_one_that_says_what_was_known) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    const auto n = job_asked_about(r);
    if (n == 1 && world->now() < 29min) return reply{404, {}, "{}"};
    return n == 1 ? completed(r) : answer_of(n, world->now() < 50min ? "processing" : "completed");
  });
  w.settings.polls.expect_events = true;
  world = &w;
  w.add_submitted(1);
  w.add_submitted(2);
  w.at(20min, [&] { BOOST_TEST(w.tracker().missing() == 1); });
  w.at(30min, [&] { w.hear(event_of(1, "pending"), 1); });
  w.at(31min, [&] { BOOST_TEST(w.observer.ends.size() == 1); }); // else only an hour behind the last answer
  w.play();
  BOOST_TEST(w.tracker().missing() == 0);
  BOOST_TEST(w.observer.ends.size() == 2);
}

BOOST_AUTO_TEST_CASE(an_outage_ends_it_with_its_reason_and_few_requests) {
  played_world w([](const request&) -> net::exchange_result {
    return net::exchange_failure{{errc::connect_failed, "refused"}, false};
  });
  w.settings.max_outage = 30min;
  for (std::uint64_t n = 1; n <= 100; ++n)
    w.add_submitted(n);
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::outage));
  BOOST_TEST((w.tracker().stopped_by().value().what == meaning::not_sent));
  BOOST_TEST(w.now() >= 30min);
  BOOST_TEST(w.now() < 35min);
  BOOST_TEST(w.sent.size() < 16 * 70); // some sixteen a minute
  BOOST_TEST(w.observer.ends.empty());
}

BOOST_AUTO_TEST_CASE(an_outage_that_ends_in_time_ends_nothing) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    if (world->now() > 1min && world->now() < 20min) return reply{503, {}, ""};
    if (world->now() < 1min) return answer_of(job_asked_about(r), "processing");
    return completed(r);
  });
  world = &w;
  w.settings.max_outage = 30min;
  for (std::uint64_t n = 1; n <= 10; ++n)
    w.add_submitted(n);
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST(w.observer.ends.size() == 10);
}

BOOST_AUTO_TEST_CASE(two_failures_far_apart_are_no_outage) {
  played_world* world = nullptr;
  int failed = 0;
  played_world w([&](const request& r) -> net::exchange_result {
    if (world->now() >= 10h) return completed(r);
    // Whoever answers that there is no such job works.
    if (failed++ % 2 == 0) return reply{503, {}, ""};
    return reply{404, {}, "{}"};
  });
  world = &w;
  w.add_submitted(1);
  w.add_submitted(2);
  w.settings.polls.most_failures = 6;
  w.settings.max_outage = 5min;
  w.at(10h, [&] { w.hear(event_of(2, "completed"), 2); });
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_before_the_time_that_a_503_names_but_no_longer_than_the_user_allows) {
  for (const auto& [allowed, rests] : {std::pair<duration, duration>{65min, 10min}, {5min, 5min}}) {
    bool refused = false;
    played_world w([&](const request& r) -> net::exchange_result {
      if (std::exchange(refused, true)) return completed(r);
      reply wait{503, {}, ""};
      wait.fields.add("Retry-After", "600");
      return wait;
    });
    w.settings.max_backoff = allowed;
    for (std::uint64_t n = 1; n <= 20; ++n)
      w.add_submitted(n);
    w.play();
    BOOST_TEST(w.observer.ends.size() == 20);
    BOOST_TEST_REQUIRE(w.sent.size() == 21);
    BOOST_TEST((w.sent[1].at - w.sent[0].at >= rests));
    BOOST_TEST((w.sent[1].at - w.sent[0].at < rests + 2min));
  }
}

struct refusal {
  reply answer;
  stop_reason ends_with;
};

BOOST_AUTO_TEST_CASE(what_stops_the_account_stops_it) {
  const std::vector<refusal> all{{{401, {}, R"({"error":"unauthorized"})"}, stop_reason::unauthorized},
                                 {{402, {}, "{}"}, stop_reason::payment_required},
                                 {{403, {}, "{}"}, stop_reason::forbidden},
                                 {{307, {}, ""}, stop_reason::redirected}};
  for (const auto& r : all) {
    played_world w([&](const request&) -> net::exchange_result { return r.answer; });
    for (std::uint64_t n = 1; n <= 50; ++n)
      w.add_submitted(n);
    w.play();
    BOOST_TEST((w.tracker().reason() == r.ends_with), r.answer.status << " ends it otherwise");
    BOOST_TEST(w.tracker().stopped_by().value().http_status == r.answer.status);
    BOOST_TEST(w.sent.size() < 20, w.sent.size() << " requests after " << r.answer.status);
  }
}

BOOST_AUTO_TEST_CASE(a_token_that_was_waited_for_is_not_what_a_signal_stopped) {
  played_world* world = nullptr;
  played_world w([&](const request& r) -> net::exchange_result {
    if (world->now() < 1s) return reply{401, {}, R"({"error":"unauthorized"})"};
    return answer_of(job_asked_about(r), "processing");
  });
  world = &w;
  w.read_token = [&]() -> result<api::token> {
    if (w.now() < 3s) return failure{errc::usage, "the file is being written"};
    return api::token::from("mc_test_new", "a test");
  };
  w.add_submitted(1);
  w.at(1h, [&] { w.tracker().stop(stop_reason::signal); });
  w.play();
  BOOST_TEST(w.sent.size() > 1); // it went on with the new one
  BOOST_TEST((w.tracker().reason() == stop_reason::signal));
  BOOST_TEST(!w.tracker().stopped_by().has_value());
}

BOOST_AUTO_TEST_CASE(a_429_holds_everything_for_as_long_as_it_asks) {
  bool refused = false;
  played_world w([&](const request& r) -> net::exchange_result {
    if (!std::exchange(refused, true)) {
      reply wait{429, {}, ""};
      wait.fields.add("Retry-After", "600");
      return wait;
    }
    return completed(r);
  });
  for (std::uint64_t n = 1; n <= 20; ++n)
    w.add_submitted(n);
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST_REQUIRE(w.sent.size() == 21);
  BOOST_TEST((w.sent[1].at - w.sent[0].at >= 600s));
  BOOST_TEST(w.observer.not_there.empty());
}

BOOST_AUTO_TEST_CASE(stopped_it_asks_nothing_more_and_keeps_the_answers_that_are_out) {
  played_world w(completed);
  w.round_trip = 10s;
  for (std::uint64_t n = 1; n <= 100; ++n)
    w.add_submitted(n);
  std::size_t sent_before = 0;
  w.at(15s, [&] {
    sent_before = w.sent.size();
    w.tracker().stop(stop_reason::signal);
  });
  w.play();
  BOOST_TEST((w.tracker().reason() == stop_reason::signal));
  BOOST_TEST(sent_before == 17); // one first, then sixteen at once
  BOOST_TEST(w.sent.size() == sent_before);
  BOOST_TEST(w.observer.ends.size() == sent_before);
  BOOST_TEST(w.observer.conversions[conversion_state::completed] == sent_before);
}

// Beside submission

/// How the requests of each window were shared, while submission had jobs to send.
void check_shares(bool tracker_first) {
  constexpr std::int64_t jobs = 90, a_window = 10;
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  w.limits = {{10, 1min}};
  for (std::uint64_t n = 1; n <= 200; ++n) {
    w.add_submitted(n);
    s.ends[n] = 24h; // so that they are due again and again
  }
  for (std::uint64_t n = 1; n <= static_cast<std::uint64_t>(jobs); ++n)
    w.add_pending(1000 + n);
  w.at(45min, [&] { w.tracker().stop(stop_reason::signal); });
  w.play_with_submission(tracker_first);
  const auto is_create = [](const auto& r) { return r.method == verb::post; };
  BOOST_TEST(std::ranges::count_if(w.sent, is_create) == jobs);
  BOOST_TEST_REQUIRE(w.sent.size() > 300); // with nothing left to submit all are the tracker's
  // A poll leaves at once, a job when its intent is on the disk: within a window the order is not that of the tokens.
  for (auto first = w.sent.begin(); first - w.sent.begin() < jobs / (a_window - 1) * a_window; first += a_window) {
    const auto creates = std::count_if(first, first + a_window, is_create);
    BOOST_TEST(creates == a_window - 1,
               creates << " jobs in the window that begins with request " << first - w.sent.begin());
    BOOST_TEST(((first + a_window - 1)->at - first->at < 1s)); // it is one window indeed
  }
}

BOOST_AUTO_TEST_CASE(one_request_in_ten_is_a_poll_while_jobs_are_submitted) {
  check_shares(true);
  check_shares(false);
}

BOOST_AUTO_TEST_CASE(polls_go_on_while_submission_waits_for_more_input) {
  converting_service s;
  played_world w(s.answers());
  s.world = &w;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    w.add_submitted(n); // due at once
    s.ends[n] = n * 20s;
  }
  w.add_pending(1001);
  w.input_ends_after = 5h; // as on standard input
  std::size_t ended = 0;
  w.at(4h, [&] { ended = w.observer.ends.size(); });
  w.at(6h, [&] { w.tracker().stop(stop_reason::signal); });
  w.play_with_submission(true);
  BOOST_TEST(ended == 20);
}

BOOST_AUTO_TEST_CASE(what_is_submitted_beside_is_followed_as_well) {
  std::uint64_t created = 0;
  played_world w([&](const request& r) -> net::exchange_result {
    if (r.method == verb::post) return reply{201, {}, R"({"id":")" + id_of(++created) + R"(","status":"pending"})"};
    return completed(r);
  });
  for (std::uint64_t n = 1; n <= 30; ++n)
    w.add_pending(n);
  w.play_with_submission(true);
  BOOST_TEST((w.tracker().reason() == stop_reason::done));
  BOOST_TEST(w.observer.ends.size() == 30);
  BOOST_TEST(w.observer.conversions[conversion_state::completed] == 30);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::track::test
