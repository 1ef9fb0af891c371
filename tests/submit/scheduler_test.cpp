#define BOOST_TEST_DYN_LINK
#include <mcbatch/submit/scheduler.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::submit;
using namespace std::chrono_literals;

namespace {

constexpr instant t{1000h};

outcome seen(meaning what, int status = 0) {
  outcome o;
  o.what = what;
  o.http_status = status;
  o.message = "said so";
  return o;
}

outcome paid(std::int64_t micros) {
  auto o = seen(meaning::accepted, 201);
  o.estimated_cost_micros = micros;
  return o;
}

job job_of(std::int64_t id) {
  job j;
  j.id = id;
  return j;
}

job doubted_job(std::int64_t id) {
  auto j = job_of(id);
  j.doubted = true;
  return j;
}

int status_of(meaning m) {
  switch (m) {
  case meaning::accepted:
    return 201;
  case meaning::unclear_success:
    return 200;
  case meaning::rate_limited:
    return 429;
  case meaning::try_later:
    return 408;
  case meaning::unavailable:
    return 503;
  case meaning::unauthorized:
    return 401;
  case meaning::payment_required:
    return 402;
  case meaning::forbidden:
    return 403;
  case meaning::redirected:
    return 307;
  case meaning::refused:
    return 422;
  case meaning::server_error:
    return 500;
  case meaning::not_sent:
  case meaning::untrusted:
  case meaning::lost:
    return 0;
  }
  return 0;
}

/// A scheduler, and a submitter that records at once.
struct run {
  scheduler s;
  instant now = t;
  std::int64_t last_id = 0;

  explicit run(scheduler_settings settings = {}) : s(settings, random_source(1)) {}

  void add(int count = 1) {
    std::vector<job> jobs;
    for (int i = 0; i < count; ++i)
      jobs.push_back(job_of(++last_id));
    s.add(std::move(jobs));
  }
  step next() { return s.next(now).what; }
  dispatch send() {
    BOOST_REQUIRE((next() == step::send));
    return s.send();
  }
  ledger::verdict end(dispatch d, meaning m, std::optional<duration> retry_after = {}) {
    return end(std::move(d), seen(m, status_of(m)), retry_after);
  }
  ledger::verdict end(dispatch d, const outcome& o, std::optional<duration> retry_after = {}) {
    if (o.what == meaning::rate_limited) s.on_rate_limited(now, retry_after);
    auto v = s.on_outcome(now, std::move(d), o, retry_after);
    s.recorded();
    return v;
  }
  ledger::verdict try_one(meaning m) { return end(send(), m); }
  /// Waits for whatever is due, by a minute and a little more at most.
  dispatch send_when_due() {
    const auto d = s.next(now);
    if (d.what == step::wait && d.until) now = *d.until;
    return send();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(outcomes)

BOOST_AUTO_TEST_CASE(each_has_its_state_its_count_and_its_effect_on_the_run) {
  enum class then { goes_on, again_at_once, again_later, stops };
  struct row {
    meaning what;
    job_state state;
    bool counts, doubted;
    then next;
    stop_reason why = stop_reason::done;
  };
  const row rows[] = {
      {meaning::accepted, job_state::submitted, true, false, then::goes_on},
      {meaning::unclear_success, job_state::in_doubt, true, true, then::goes_on},
      {meaning::rate_limited, job_state::pending, false, false, then::again_at_once}, // the quota's gate is shut
      {meaning::try_later, job_state::pending, false, false, then::again_later},
      {meaning::unavailable, job_state::pending, false, false, then::again_later},
      {meaning::unauthorized, job_state::pending, false, false,
       then::again_at_once}, // with another token, if there is one
      {meaning::payment_required, job_state::pending, false, false, then::stops, stop_reason::payment_required},
      {meaning::forbidden, job_state::rejected, true, false, then::goes_on},
      {meaning::redirected, job_state::pending, false, false, then::stops, stop_reason::redirected},
      {meaning::refused, job_state::rejected, true, false, then::goes_on},
      {meaning::server_error, job_state::in_doubt, true, true, then::goes_on},
      {meaning::not_sent, job_state::pending, false, false, then::again_at_once},
      {meaning::untrusted, job_state::pending, false, false, then::stops, stop_reason::tls},
      {meaning::lost, job_state::in_doubt, true, true, then::goes_on},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(to_string(row.what)) {
      run r;
      r.add();
      r.s.no_more_jobs();
      const auto o = seen(row.what, status_of(row.what));
      const auto v = r.end(r.send(), o);
      BOOST_TEST(to_string(v.state) == to_string(row.state));
      BOOST_TEST(v.uncount_attempt == !row.counts);
      BOOST_TEST(v.doubted == row.doubted);
      BOOST_TEST((v.what.what == row.what));
      BOOST_TEST(v.what.http_status == o.http_status);
      BOOST_TEST(v.what.message == "said so");
      const auto next = r.s.next(r.now);
      switch (row.next) {
      case then::goes_on:
        BOOST_TEST((next.what == step::finished));
        BOOST_TEST((r.s.stopping() == stop_reason::done));
        break;
      case then::again_at_once:
        BOOST_TEST((next.what == step::send));
        break;
      case then::again_later:
        BOOST_TEST((next.what == step::wait));
        BOOST_TEST((next.why == waiting::backoff));
        BOOST_REQUIRE(next.until);
        BOOST_TEST((*next.until <= r.now + 1s));
        break;
      case then::stops:
        BOOST_TEST((next.what == step::finished));
        BOOST_TEST((r.s.stopping() == row.why));
        break;
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_doubted_job_that_is_refused_returns_to_in_doubt) {
  for (const auto m : {meaning::refused, meaning::forbidden}) {
    run r;
    r.s.add({doubted_job(1)});
    const auto v = r.try_one(m);
    BOOST_TEST(to_string(v.state) == "in_doubt");
    BOOST_TEST(v.doubted);
  }
  run accepted;
  accepted.s.add({doubted_job(1)});
  BOOST_TEST(to_string(accepted.try_one(meaning::accepted).state) == "submitted");
}

BOOST_AUTO_TEST_CASE(a_doubted_job_stays_doubted_while_it_is_pending) {
  for (const auto m : {meaning::rate_limited, meaning::try_later, meaning::unavailable, meaning::not_sent}) {
    run r;
    r.s.add({doubted_job(1)});
    const auto v = r.try_one(m);
    BOOST_TEST(to_string(v.state) == "pending");
    BOOST_TEST(v.doubted);
  }
}

BOOST_AUTO_TEST_CASE(resubmit_tries_a_doubtful_job_again_until_its_tries_are_used) {
  run r({.max_attempts = 3, .resubmit_in_doubt = true});
  r.add();
  r.s.no_more_jobs();
  BOOST_TEST(to_string(r.try_one(meaning::lost).state) == "pending");
  auto v = r.end(r.send_when_due(), meaning::server_error);
  BOOST_TEST(to_string(v.state) == "pending");
  BOOST_TEST(v.doubted);
  v = r.end(r.send_when_due(), meaning::lost);
  BOOST_TEST(to_string(v.state) == "in_doubt");
  BOOST_TEST((r.next() == step::finished));

  run refused({.resubmit_in_doubt = true});
  refused.add();
  refused.try_one(meaning::lost);
  BOOST_TEST(to_string(refused.end(refused.send_when_due(), meaning::refused).state) == "in_doubt");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(retries)

BOOST_AUTO_TEST_CASE(an_attempt_counts_only_while_others_are_accepted) {
  for (const auto m : {meaning::try_later, meaning::unavailable}) {
    run r({.max_attempts = 3});
    r.add(2);
    r.try_one(meaning::accepted); // before the service went away: that tells nothing of what follows
    auto v = r.try_one(m);
    BOOST_TEST(v.uncount_attempt);
    for (int i = 0; i < 3; ++i) {
      v = r.end(r.send_when_due(), m);
      BOOST_TEST(to_string(v.state) == "pending");
      BOOST_TEST(v.uncount_attempt);
    }
    for (int tries = 1; tries <= 3; ++tries) {
      r.add();
      r.now += 1min;
      auto waiting = r.send(); // what is due goes before what is new
      BOOST_TEST(waiting.job.id == 2);
      r.try_one(meaning::accepted);
      v = r.end(std::move(waiting), m);
      BOOST_TEST(!v.uncount_attempt);
      BOOST_TEST(to_string(v.state) == (tries < 3 ? "pending" : "rejected"));
    }
    BOOST_TEST(v.what.message == "gave up after 3 tries: said so");
    r.s.no_more_jobs();
    BOOST_TEST((r.next() == step::finished));
  }
}

BOOST_AUTO_TEST_CASE(a_doubted_job_whose_tries_are_used_is_in_doubt) {
  run r({.max_attempts = 1});
  r.s.add({doubted_job(1), job_of(2)});
  auto d = r.send();
  r.try_one(meaning::accepted);
  BOOST_TEST(to_string(r.end(std::move(d), meaning::unavailable).state) == "in_doubt");
}

BOOST_AUTO_TEST_CASE(tries_of_earlier_runs_do_not_end_a_job_in_an_outage) {
  run r({.max_attempts = 5});
  auto j = job_of(1);
  j.attempts = 7;
  r.s.add({j});
  BOOST_TEST(to_string(r.try_one(meaning::unavailable).state) == "pending");
}

BOOST_AUTO_TEST_CASE(retry_after_is_honoured_up_to_the_users_bound) {
  struct row {
    duration asked, least;
  };
  for (const auto& [asked, least] : {row{30s, 30s}, row{0s, 0s}, row{24h * 300, 5min}}) {
    run r({.max_backoff = 5min});
    r.add();
    r.end(r.send(), meaning::try_later, asked);
    const auto d = r.s.next(r.now);
    BOOST_REQUIRE(d.until);
    BOOST_TEST((*d.until >= r.now + least));
    BOOST_TEST((*d.until <= r.now + std::max<duration>(least, 1s)));
  }
}

BOOST_AUTO_TEST_CASE(a_job_that_is_put_off_again_and_again_is_asked_about_ever_less_often) {
  run r({.max_outage = 24h});
  r.add();
  r.try_one(meaning::try_later);
  int tries = 0;
  for (const auto end = r.now + 30min; r.now < end; ++tries)
    r.end(r.send_when_due(), meaning::try_later);
  BOOST_TEST(tries < 120);
  BOOST_TEST(tries > 30);
}

// A manifest from standard input may block for hours.
BOOST_AUTO_TEST_CASE(a_retry_is_not_held_up_by_a_manifest_that_is_still_read) {
  run r;
  r.add();
  r.end(r.send(), meaning::try_later, 10s);
  const auto d = r.s.next(r.now);
  BOOST_TEST((d.why == waiting::jobs));
  BOOST_REQUIRE(d.until);
  r.now = *d.until;
  BOOST_TEST((r.next() == step::send));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(forbidden)

BOOST_AUTO_TEST_CASE(three_before_the_first_acceptance_stop_the_run_and_go_back_to_pending) {
  run r;
  r.add(5);
  BOOST_TEST(to_string(r.try_one(meaning::forbidden).state) == "rejected");
  BOOST_TEST(to_string(r.try_one(meaning::refused).state) == "rejected"); // it breaks no row
  BOOST_TEST(to_string(r.try_one(meaning::forbidden).state) == "rejected");
  auto late = r.send();
  auto v = r.try_one(meaning::forbidden);
  BOOST_TEST(to_string(v.state) == "pending");
  BOOST_TEST(v.uncount_attempt);
  BOOST_TEST((r.s.stopping() == stop_reason::forbidden));
  BOOST_TEST((r.s.take_put_back() == std::vector<std::int64_t>{1, 3}));
  BOOST_TEST(r.s.take_put_back().empty());
  BOOST_TEST(to_string(r.end(std::move(late), meaning::forbidden).state) == "pending"); // it was on its way
  BOOST_TEST((r.next() == step::finished));
}

BOOST_AUTO_TEST_CASE(later_it_takes_as_many_as_the_user_says_and_an_acceptance_breaks_the_row) {
  run r({.max_forbidden = 4});
  r.add(20);
  r.try_one(meaning::forbidden);
  r.try_one(meaning::forbidden);
  r.try_one(meaning::accepted);
  for (int i = 0; i < 3; ++i)
    r.try_one(meaning::forbidden);
  r.try_one(meaning::accepted);
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(to_string(r.try_one(meaning::forbidden).state) == "rejected");
  BOOST_TEST(!r.s.stopping());
  BOOST_TEST(to_string(r.try_one(meaning::forbidden).state) == "pending");
  BOOST_TEST((r.s.stopping() == stop_reason::forbidden));
  BOOST_TEST((r.s.take_put_back() == std::vector<std::int64_t>{8, 9, 10}));
}

BOOST_AUTO_TEST_CASE(the_users_number_holds_at_first_too_where_it_is_smaller) {
  run r({.max_forbidden = 1});
  r.add(2);
  BOOST_TEST(to_string(r.try_one(meaning::forbidden).state) == "pending");
  BOOST_TEST((r.s.stopping() == stop_reason::forbidden));
}

BOOST_AUTO_TEST_CASE(none_stops_the_run_where_the_user_says_never) {
  run r({.max_forbidden = 0});
  r.add(50);
  for (int i = 0; i < 50; ++i)
    BOOST_TEST(to_string(r.try_one(meaning::forbidden).state) == "rejected");
  BOOST_TEST(!r.s.stopping());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(outages)

namespace {

void open(run& r) {
  for (int i = 0; i < 5; ++i)
    r.try_one(meaning::not_sent);
}

void probe(run& r, bool answers) {
  const auto d = r.s.next(r.now);
  if (d.what == step::wait && d.until) r.now = *d.until;
  BOOST_REQUIRE((r.next() == step::probe));
  r.s.probe_sent();
  BOOST_TEST((r.next() == step::wait)); // for its answer
  r.s.on_probe(r.now, answers);
}

} // namespace

BOOST_AUTO_TEST_CASE(few_jobs_are_put_in_doubt_whatever_the_unknown_outcome) {
  for (const auto m :
       {meaning::lost, meaning::server_error, meaning::unavailable, meaning::not_sent, meaning::unclear_success}) {
    run r;
    r.add(100);
    int tries = 0;
    for (; r.next() == step::send; ++tries)
      r.try_one(m);
    BOOST_TEST(tries == 5, to_string(m));
    BOOST_TEST((r.s.next(r.now).why == waiting::outage), to_string(m));
    probe(r, false);
    BOOST_TEST((r.next() != step::send), to_string(m));
  }
}

BOOST_AUTO_TEST_CASE(one_job_goes_alone_when_the_service_answers_and_the_rest_when_it_is_accepted) {
  run r;
  r.add(10);
  auto before = r.send();
  open(r);
  probe(r, true);
  BOOST_TEST((r.s.next(r.now).why == waiting::answers)); // what left before has to be over
  r.end(std::move(before), meaning::accepted);
  auto alone = r.send();
  BOOST_TEST(alone.alone);
  BOOST_TEST((r.s.next(r.now).why == waiting::answers));
  r.end(std::move(alone), meaning::lost);
  BOOST_TEST((r.s.breaker_state() == breaker::state::open));
  probe(r, true);
  r.try_one(meaning::refused); // it works, and it is careful still
  auto again = r.send();
  BOOST_TEST((r.next() == step::wait));
  r.end(std::move(again), meaning::accepted);
  r.send();
  r.send();
}

BOOST_AUTO_TEST_CASE(the_run_stops_when_the_users_patience_ends) {
  run r({.max_outage = 10min});
  r.add(10);
  open(r);
  const auto opened = r.now;
  BOOST_TEST((r.s.outage_ends() == opened + 10min));
  int probes = 0;
  for (; !r.s.stopping() && probes < 1000; ++probes) {
    const auto d = r.s.next(r.now);
    if (r.s.stopping()) break;
    if (d.what == step::wait) {
      BOOST_REQUIRE(d.until);
      r.now = *d.until;
      continue;
    }
    r.s.probe_sent();
    r.now += 1s;
    r.s.on_probe(r.now, false);
  }
  BOOST_TEST((r.s.stopping() == stop_reason::outage));
  BOOST_TEST((r.now >= opened + 10min));
  BOOST_TEST((r.now <= opened + 10min + 2s));
  BOOST_TEST(probes > 10);
  BOOST_TEST((r.next() == step::finished));
}

BOOST_AUTO_TEST_CASE(a_probe_that_the_quota_holds_back_and_a_lone_job_that_has_nothing_to_do_are_no_outage) {
  scheduler_settings impatient;
  impatient.max_outage = 1h;
  run r(impatient);
  r.add(10);
  while (r.next() == step::send)
    r.end(r.s.send(), meaning::unavailable);
  r.now = *r.s.next(r.now).until;
  BOOST_TEST((r.next() == step::probe));
  r.now += 5h; // no token came back until now
  BOOST_TEST((r.next() == step::probe));
  r.s.probe_sent();
  r.s.on_probe(r.now, true);
  r.now += 5h; // nor for the job that goes alone
  BOOST_TEST((r.next() == step::send));
  r.end(r.s.send(), meaning::unavailable);
  // Past the user's patience the next failure decides.
  BOOST_TEST((r.next() == step::finished));
  BOOST_TEST((r.s.stopping() == stop_reason::outage));
}

BOOST_AUTO_TEST_CASE(a_failure_before_a_long_wait_for_the_quota_is_no_outage) {
  run r({.max_outage = 10min});
  r.add(10);
  r.try_one(meaning::lost);
  r.end(r.send(), meaning::rate_limited);
  r.now += 50min;
  BOOST_TEST((r.next() == step::send));
  r.end(r.send(), meaning::rate_limited);
  BOOST_TEST((r.next() == step::send));
}

BOOST_AUTO_TEST_CASE(answers_that_only_put_off_are_an_outage_beyond_the_waits_that_they_ask_for) {
  struct row {
    meaning what;
    std::optional<duration> asked;
    duration every, lasts;
  };
  const row rows[] = {{meaning::rate_limited, {}, 61s, 10min},
                      {meaning::rate_limited, 0s, 61s, 10min},
                      {meaning::rate_limited, 60s, 62s, 310min}, // 2 s of each 62 s are beyond
                      {meaning::try_later, {}, 61s, 10min},
                      {meaning::try_later, 60s, 62s, 310min}};
  for (const auto& [what, asked, every, lasts] : rows) {
    run r({.max_outage = 10min});
    r.add();
    while (!r.s.stopping() && r.now < t + 24h) {
      r.end(r.send(), what, asked);
      r.now += every;
      r.next();
    }
    BOOST_TEST((r.s.stopping() == stop_reason::outage), to_string(what));
    BOOST_TEST((r.now - t >= lasts), to_string(what) << " after " << (r.now - t) / 1s << " s");
    BOOST_TEST((r.now - t <= lasts + 3 * every), to_string(what) << " after " << (r.now - t) / 1s << " s");
  }
}

BOOST_AUTO_TEST_CASE(no_mixture_that_settles_nothing_goes_on_for_ever) {
  const std::vector<meaning> mixtures[] = {{meaning::rate_limited, meaning::unavailable},
                                           {meaning::rate_limited, meaning::lost},
                                           {meaning::try_later, meaning::not_sent},
                                           {meaning::try_later, meaning::unavailable},
                                           {meaning::try_later}};
  for (const auto& mixture : mixtures) {
    run r({.max_outage = 10min});
    r.add(5000);
    for (std::size_t i = 0; !r.s.stopping() && r.now < t + 24h; ++i) {
      const auto d = r.s.next(r.now);
      if (d.what == step::wait) {
        BOOST_REQUIRE(d.until);
        r.now = *d.until;
      } else if (d.what == step::probe) {
        r.s.probe_sent();
        r.s.on_probe(r.now, true);
      } else if (d.what == step::send) {
        r.now += 10s;
        r.end(r.s.send(), mixture[i % mixture.size()]);
      }
    }
    BOOST_TEST((r.s.stopping() == stop_reason::outage), to_string(mixture.front()));
  }
}

BOOST_AUTO_TEST_CASE(whatever_is_settled_ends_an_outage_of_429s) {
  run r({.max_outage = 10min});
  r.add(1000);
  for (int i = 0; i < 100; ++i) {
    r.try_one(meaning::rate_limited);
    r.now += 1min;
    if (i % 9 == 0) r.try_one(meaning::refused);
  }
  BOOST_TEST(!r.s.stopping());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(expired_urls)

namespace {

constexpr wall_time noon{std::chrono::hours(1000)};

job ending(std::int64_t id, wall_time end) {
  auto j = job_of(id);
  j.expires_at = end;
  return j;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_job_whose_urls_end_within_the_margin_is_taken_and_not_sent) {
  run r({.url_margin = 5min});
  r.s.add({ending(1, noon - 1h), ending(2, noon + 5min), ending(3, noon + 5min + 1s)});
  for (const std::int64_t id : {1, 2}) {
    const auto taken = r.s.take_expired(noon);
    BOOST_REQUIRE(taken.has_value());
    BOOST_TEST(taken->job.id == id);
    BOOST_TEST(to_string(taken->verdict.state) == "expired");
    BOOST_TEST(taken->verdict.unsent);
    BOOST_TEST((taken->verdict.at == noon));
    BOOST_TEST(taken->verdict.what.error == "expired");
    BOOST_TEST(taken->verdict.what.message.starts_with("a presigned URL of it end"));
    BOOST_TEST(r.s.in_flight() == 0U);
    r.s.recorded();
  }
  BOOST_TEST(!r.s.take_expired(noon).has_value());
  BOOST_TEST(r.send().job.id == 3);
  BOOST_TEST(!r.s.take_expired(noon + 1h).has_value()); // nothing is left
}

BOOST_AUTO_TEST_CASE(expired_jobs_wait_for_the_ledger_in_a_bounded_number) {
  run r({.max_in_flight = 3});
  for (std::int64_t id = 1; id <= 9; ++id)
    r.s.add({ending(id, noon)});
  int taken = 0;
  while (r.next() == step::send && r.s.take_expired(noon))
    ++taken;
  BOOST_TEST(taken == 6);
}

BOOST_AUTO_TEST_CASE(a_job_that_waited_for_its_retry_is_looked_at_again) {
  for (const auto m : {meaning::try_later, meaning::rate_limited}) {
    run r({.url_margin = 5min});
    r.s.add({ending(1, noon + 6min)});
    BOOST_TEST(!r.s.take_expired(noon).has_value());
    r.end(r.send(), m, 90s);
    r.now += 2min;
    BOOST_REQUIRE((r.next() == step::send));
    BOOST_TEST(r.s.take_expired(noon + 2min).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_doubted_job_whose_urls_have_ended_stays_in_doubt) {
  run r;
  auto j = ending(1, noon);
  j.doubted = true;
  r.s.add({j});
  const auto taken = r.s.take_expired(noon);
  BOOST_REQUIRE(taken.has_value());
  BOOST_TEST(to_string(taken->verdict.state) == "in_doubt");
  BOOST_TEST(taken->verdict.doubted);
  BOOST_TEST(taken->verdict.unsent);
  BOOST_TEST(taken->verdict.what.message.find("may have been accepted") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_was_never_tried_can_be_given_back_and_added_in_another_order) {
  run r;
  r.add(4);
  r.try_one(meaning::not_sent);
  r.s.no_more_jobs();
  BOOST_TEST(r.s.can_give_back());
  BOOST_TEST((r.s.give_back() == std::vector<std::int64_t>{2, 3, 4}));
  BOOST_TEST(!r.s.can_give_back());
  r.end(r.send(), meaning::accepted);
  BOOST_TEST((r.s.next(r.now).why == waiting::jobs)); // they are to come again: the run is not over
  r.s.add({job_of(4), job_of(2)});
  BOOST_TEST(r.send().job.id == 4);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(users_limits)

BOOST_AUTO_TEST_CASE(max_in_flight) {
  run r({.max_in_flight = 3});
  r.add(5);
  auto one = r.send();
  r.send();
  r.send();
  BOOST_TEST((r.s.next(r.now).why == waiting::answers));
  BOOST_TEST(r.s.in_flight() == 3U);
  r.s.on_outcome(r.now, std::move(one), seen(meaning::accepted, 201), {});
  r.send(); // in one commit with that outcome
}

BOOST_AUTO_TEST_CASE(as_many_outcomes_as_may_be_in_flight_may_wait_for_the_ledger) {
  run r({.max_in_flight = 3});
  r.add(9);
  for (int i = 0; i < 3; ++i)
    r.s.on_outcome(r.now, r.send(), seen(meaning::accepted, 201), {});
  for (int i = 0; i < 3; ++i)
    r.send();
  r.s.recorded();
  BOOST_TEST(r.s.in_flight() == 3U);
  BOOST_TEST((r.s.next(r.now).why == waiting::answers));
}

BOOST_AUTO_TEST_CASE(max_jobs_counts_what_is_in_flight_and_only_what_is_accepted) {
  run r({.max_jobs = 2});
  r.add(5);
  auto one = r.send(), two = r.send();
  BOOST_TEST((r.s.next(r.now).why == waiting::answers));
  r.end(std::move(one), meaning::refused);
  auto three = r.send();
  BOOST_TEST((r.next() == step::wait));
  r.end(std::move(two), meaning::accepted);
  r.end(std::move(three), meaning::accepted);
  BOOST_TEST((r.next() == step::finished));
  BOOST_TEST((r.s.stopping() == stop_reason::max_jobs));
}

BOOST_AUTO_TEST_CASE(a_run_that_was_just_done_when_it_reached_a_limit_is_done) {
  for (const bool cost : {false, true}) {
    run r(cost ? scheduler_settings{.max_cost_micros = 100} : scheduler_settings{.max_jobs = 2});
    r.add(2);
    r.end(r.send(), paid(50));
    r.end(r.send(), paid(50));
    BOOST_TEST((r.s.next(r.now).why == waiting::jobs)); // the manifest is still read: there may be no more
    r.s.no_more_jobs();
    BOOST_TEST((r.next() == step::finished));
    BOOST_TEST((r.s.stopping() == stop_reason::done));
  }
}

BOOST_AUTO_TEST_CASE(a_limit_is_reached_once_the_ledger_has_it) {
  run r({.max_jobs = 1});
  r.add(2);
  r.s.on_outcome(r.now, r.send(), seen(meaning::accepted, 201), {});
  BOOST_TEST((r.next() == step::wait));
  r.s.stop(stop_reason::ledger); // it could not keep that outcome
  r.s.recorded();
  BOOST_TEST((r.next() == step::finished));
  BOOST_TEST((r.s.stopping() == stop_reason::ledger));
}

BOOST_AUTO_TEST_CASE(max_cost_counts_what_is_in_flight_at_the_dearest_price_seen) {
  run r({.max_cost_micros = 1000, .spent_micros = 300});
  r.add(20);
  auto first = r.send();
  BOOST_TEST((r.next() == step::wait)); // nobody knows what one costs
  r.end(std::move(first), paid(100));   // 400
  auto a = r.send();
  r.end(r.send(), paid(200)); // 600, and one that may cost 200 is out
  auto b = r.send();
  BOOST_TEST((r.s.next(r.now).why == waiting::answers)); // 600 + 2 * 200, and no more
  r.end(std::move(a), paid(100));
  r.end(std::move(b), paid(100)); // 800
  r.end(r.send(), paid(150));     // 950: the next may be too dear
  BOOST_TEST((r.next() == step::finished));
  BOOST_TEST((r.s.stopping() == stop_reason::max_cost));
}

BOOST_AUTO_TEST_CASE(what_a_job_usually_costs_is_known_from_earlier_runs) {
  run r({.max_cost_micros = 1000, .spent_micros = 300, .usual_micros = 400});
  r.add(5);
  r.send();
  BOOST_TEST((r.s.next(r.now).why == waiting::answers));
  run spent({.max_cost_micros = 1000, .spent_micros = 1000, .usual_micros = 100});
  spent.add();
  BOOST_TEST((spent.next() == step::finished));
  BOOST_TEST((spent.s.stopping() == stop_reason::max_cost));
}

BOOST_AUTO_TEST_CASE(what_is_in_doubt_counts_at_the_dearest_price) {
  run r({.max_cost_micros = 1000});
  r.add(20);
  r.end(r.send(), paid(100));
  for (int i = 0; i < 4; ++i)
    r.try_one(meaning::lost); // each may have been accepted: 500
  r.end(r.send(), paid(200)); // 300, and four at 200
  BOOST_TEST((r.next() == step::finished));
  BOOST_TEST((r.s.stopping() == stop_reason::max_cost));
}

BOOST_AUTO_TEST_CASE(a_job_that_is_sent_again_from_doubt_may_cost_twice) {
  run r({.resubmit_in_doubt = true, .max_cost_micros = 250, .usual_micros = 100});
  r.add(2);
  auto first = r.send();
  r.end(std::move(first), meaning::lost);
  r.end(r.send_when_due(), paid(100));
  BOOST_TEST((r.next() == step::finished)); // 100, and 100 in doubt
  BOOST_TEST((r.s.stopping() == stop_reason::max_cost));
}

BOOST_AUTO_TEST_CASE(tries_without_a_price_count_over_runs_and_jobs_without_an_estimate_too) {
  run earlier({.max_cost_micros = 1000, .usual_micros = 100, .unpriced = 8});
  earlier.add(5);
  earlier.end(earlier.send(), seen(meaning::accepted, 201)); // nobody says what it costs
  earlier.send();
  BOOST_TEST((earlier.s.next(earlier.now).why == waiting::answers));
}

BOOST_AUTO_TEST_CASE(what_becomes_known_of_costs_while_it_runs_counts) {
  run r({.max_cost_micros = 1000, .usual_micros = 100});
  r.add(30);
  for (int i = 0; i < 4; ++i)
    r.try_one(meaning::lost);
  r.s.heard_of_costs({.beyond_estimates = 350, .first_prices = 4}); // of those four: nothing is in doubt now
  for (int i = 0; i < 6; ++i)
    r.send();
  BOOST_TEST((r.s.next(r.now).why == waiting::answers)); // 350 + 6 * 100
  run dear({.max_cost_micros = 1000, .usual_micros = 100});
  dear.add(30);
  dear.s.heard_of_costs({.beyond_estimates = 1000, .first_prices = 0});
  BOOST_TEST((dear.next() == step::finished));
}

BOOST_AUTO_TEST_CASE(absurd_costs_neither_overflow_nor_pay_back) {
  for (const auto micros :
       {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(), std::int64_t{-500}}) {
    run r({.max_cost_micros = 1000, .spent_micros = 900, .usual_micros = 50});
    r.add(5);
    r.end(r.send(), paid(micros));
    if (micros > 0) {
      BOOST_TEST((r.next() == step::finished));
    } else {
      r.send();
      r.send();
      BOOST_TEST((r.next() == step::wait)); // 900 + 2 * 50
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ends)

BOOST_AUTO_TEST_CASE(finished_only_when_every_outcome_is_recorded) {
  run r;
  r.add();
  r.s.no_more_jobs();
  auto d = r.send();
  BOOST_TEST((r.s.next(r.now).why == waiting::answers));
  r.s.on_outcome(r.now, std::move(d), seen(meaning::accepted, 201), {});
  BOOST_TEST((r.next() == step::wait));
  r.s.recorded();
  BOOST_TEST((r.next() == step::finished));
  BOOST_TEST((r.s.stopping() == stop_reason::done));
}

BOOST_AUTO_TEST_CASE(a_stop_sends_nothing_more_and_waits_for_what_is_out) {
  run r;
  r.add(3);
  auto d = r.send();
  r.s.stop(stop_reason::signal);
  r.s.stop(stop_reason::ledger); // the first reason stays
  BOOST_TEST((r.s.next(r.now).why == waiting::drain));
  r.s.on_outcome(r.now, std::move(d), seen(meaning::rate_limited, 429), {});
  BOOST_TEST((r.s.next(r.now).why == waiting::drain));
  r.s.recorded();
  BOOST_TEST((r.next() == step::finished));
  BOOST_TEST((r.s.stopping() == stop_reason::signal));
}

BOOST_AUTO_TEST_CASE(a_job_that_the_service_has_already_is_left_out) {
  run r;
  r.add();
  r.s.no_more_jobs();
  r.send();
  r.s.leave_out();
  BOOST_TEST(r.s.in_flight() == 0U);
  BOOST_TEST((r.next() == step::finished));
}

BOOST_AUTO_TEST_CASE(a_stop_waits_for_a_probe_too) {
  run r;
  r.add(10);
  for (int i = 0; i < 5; ++i)
    r.try_one(meaning::lost);
  r.now += 1min;
  BOOST_REQUIRE((r.next() == step::probe));
  r.s.probe_sent();
  r.s.stop(stop_reason::signal);
  BOOST_TEST((r.s.next(r.now).why == waiting::drain));
  r.s.on_probe(r.now, false);
  BOOST_TEST((r.next() == step::finished));
}

BOOST_AUTO_TEST_CASE(nothing_to_do_is_done_once_the_manifest_is_read) {
  run r;
  BOOST_TEST((r.s.next(r.now).why == waiting::jobs));
  r.s.no_more_jobs();
  BOOST_TEST((r.next() == step::finished));
}

BOOST_AUTO_TEST_SUITE_END()
