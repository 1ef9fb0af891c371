#define BOOST_TEST_DYN_LINK
#include <mcbatch/core/random.hpp>
#include <mcbatch/track/failing_time.hpp>
#include <mcbatch/track/poll_plan.hpp>
#include <mcbatch/track/poll_share.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::track;
using namespace std::chrono_literals;

namespace {

const instant start{1h};

/// Conversions of three types: their median, and twice the median for one in six.
struct world {
  random_source random{7};

  duration length(std::size_t job) {
    const double median[] = {2, 20, 240};
    const auto normal = [this] {
      double sum = 0;
      for (int i = 0; i < 12; ++i)
        sum += random.unit();
      return sum - 6;
    };
    return std::chrono::duration_cast<duration>(
        std::chrono::duration<double>(median[job % 3] * std::exp(0.7 * normal())));
  }
};

struct played {
  std::size_t looks = 0;
  double lateness = 0; // of an end that is noticed, over how long the conversion took; the mean
  duration latest{};   // of all ends, the one that was noticed latest
};

/// `jobs` conversions, submitted ten a second; `lost` of their events do not come, the others at once.
played play(std::size_t jobs, bool events, double lost) {
  poll_settings settings;
  settings.expect_events = events;
  poll_plan plan(settings);
  world w;
  struct conversion {
    instant since, end;
    bool told;
  };
  std::vector<conversion> all;
  std::multimap<instant, std::size_t> told;
  for (std::size_t n = 0; n < jobs; ++n) {
    const auto since = start + n * 100ms;
    all.push_back({since, since + w.length(n), events && w.random.unit() >= lost});
    if (all[n].told) told.emplace(all[n].end, n);
  }
  const char* types[] = {"image", "audio", "video"};
  played p;
  std::size_t added = 0;
  for (auto now = start; added < jobs || plan.size() > 0; now += 100ms) {
    for (; added < jobs && all[added].since <= now; ++added)
      plan.add(static_cast<std::int64_t>(added), types[added % 3], all[added].since, now);
    for (; !told.empty() && told.begin()->first <= now; told.erase(told.begin())) {
      const auto& c = all[told.begin()->second];
      plan.ended(static_cast<std::int64_t>(told.begin()->second), c.end - c.since, now, told_by::event);
    }
    while (const auto job = plan.take(now)) {
      const auto& c = all[static_cast<std::size_t>(*job)];
      ++p.looks;
      if (c.end > now) {
        plan.still_open(*job, now);
      } else {
        p.latest = std::max(p.latest, now - c.end);
        p.lateness += std::chrono::duration<double>(now - c.end) / (c.end - c.since) / static_cast<double>(jobs);
        plan.ended(*job, c.end - c.since, now, told_by::answer);
      }
    }
  }
  return p;
}

} // namespace

BOOST_AUTO_TEST_SUITE(poll_plans)

BOOST_AUTO_TEST_CASE(polling_alone_takes_few_looks_a_job_and_notices_ends_in_time) {
  const auto p = play(5000, false, 1);
  BOOST_TEST_MESSAGE(p.looks << " looks for 5000 jobs; late by " << p.lateness << " of what a conversion took");
  BOOST_TEST(p.looks < 2 * 5000u);
  BOOST_TEST(p.lateness < 1.5);
}

BOOST_AUTO_TEST_CASE(with_events_of_which_one_in_twenty_is_lost_a_tenth_of_that_is_asked) {
  const auto alone = play(5000, false, 1);
  const auto p = play(5000, true, 0.05);
  BOOST_TEST_MESSAGE(p.looks << " looks for 5000 jobs with events, and " << alone.looks << " without");
  BOOST_TEST(p.looks < alone.looks / 10);
  BOOST_TEST(p.looks >= 200u); // those whose events were lost
}

BOOST_AUTO_TEST_CASE(silence_beyond_what_is_likely_is_no_sign_of_life) {
  // Of the longest type, one in twenty takes 760 s or more; an event may be a minute late.
  const auto p = play(5000, true, 0.05);
  BOOST_TEST_MESSAGE("a lost end is noticed " << std::chrono::duration<double>(p.latest).count() << " s late at most");
  BOOST_TEST((p.latest < 1500s));
}

BOOST_AUTO_TEST_CASE(events_that_never_come_are_replaced_by_polls) {
  const auto p = play(3000, true, 1);
  BOOST_TEST_MESSAGE(p.looks << " looks for 3000 jobs without the events that were expected; late by " << p.lateness);
  BOOST_TEST(p.looks >= 3000u);
  BOOST_TEST(p.looks < 2 * 3000u);
  BOOST_TEST(p.lateness < 6); // for the first minute and a half events are waited for, and an image takes two seconds
}

BOOST_AUTO_TEST_CASE(the_likeliest_of_those_that_are_due_goes_first) {
  poll_plan plan;
  for (int i = 0; i < 40; ++i) {
    plan.add(1000 + i, "image", start, start);
    plan.ended(1000 + i, 2s, start, told_by::event);
    plan.add(2000 + i, "video", start, start);
    plan.ended(2000 + i, 240s, start, told_by::event);
  }
  plan.add(1, "video", start, start);
  plan.add(2, "image", start + 200s, start + 200s);
  // Both are due: that video has just about ended, that image long since.
  const auto now = plan.next().value();
  BOOST_TEST((now > start + 200s));
  plan.still_open(1, start); // which it was anyway
  BOOST_TEST(plan.take(now + 10s).value() == 2);
  BOOST_TEST(plan.take(now + 10s).value() == 1);
  BOOST_TEST(!plan.take(now + 10s).has_value());
}

BOOST_AUTO_TEST_CASE(a_job_that_is_found_late_is_asked_about_at_once_however_long_others_live) {
  poll_plan plan;
  for (int i = 0; i < 40; ++i) {
    plan.add(i, "video", start, start);
    plan.still_open(i, start + 20h);
    plan.forget(i);
  }
  plan.add(100, "video", start, start + 20h);
  BOOST_TEST((plan.next().value() == start + 20h));
}

BOOST_AUTO_TEST_CASE(one_job_is_not_asked_about_all_the_time) {
  poll_plan plan;
  plan.add(1, "video", start, start);
  instant now = start + 1h;
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST_REQUIRE(plan.take(now).has_value());
    plan.still_open(1, now);
    BOOST_TEST((plan.next().value() >= now + 5min));
    now = plan.next().value();
  }
}

BOOST_AUTO_TEST_CASE(what_is_learnt_changes_when_those_that_wait_are_due) {
  poll_plan plan;
  plan.add(1, "video", start, start);
  const auto guessed = plan.next().value();
  for (int i = 2; i < 40; ++i) {
    plan.add(i, "video", start, start);
    plan.ended(i, 600s, start, told_by::event);
  }
  BOOST_TEST((plan.next().value() > guessed + 3min));
}

BOOST_AUTO_TEST_CASE(no_answer_costs_a_moment_and_a_job_that_is_not_there_is_asked_about_ever_less) {
  poll_plan plan;
  plan.add(1, "video", start, start);
  auto now = start + 1h;
  plan.take(now);
  plan.not_asked(1, now);
  BOOST_TEST((plan.next().value() == now + 1s));
  const auto first_said = plan.next().value();
  for (int said = 1; said <= 10; ++said) {
    now = plan.next().value();
    plan.take(now);
    BOOST_TEST(plan.not_there(1, now) == (said >= 5));
    BOOST_TEST(plan.expected() == (said >= 5 ? 0u : 1u));
    if (said == 5) BOOST_TEST((now - first_said > 5min)); // a service that is being renewed comes back sooner
    if (said >= 6) BOOST_TEST((plan.next().value() == now + 1h));
  }
  plan.take(now = plan.next().value());
  plan.still_open(1, now);
  BOOST_TEST(plan.expected() == 1u);
  plan.forget(1);
  BOOST_TEST(plan.expected() == 0u);
  BOOST_TEST(!plan.next().has_value());
  // All of these are of no consequence.
  plan.still_open(1, now);
  plan.ended(1, 1s, now, told_by::answer);
  plan.not_asked(1, now);
  BOOST_TEST(plan.size() == 0u);
}

BOOST_AUTO_TEST_CASE(events_that_are_late_because_nobody_listened_teach_no_long_lives) {
  poll_settings settings;
  settings.expect_events = true;
  settings.event_grace = 10s;
  poll_plan plan(settings);
  constexpr int jobs = 500;
  for (int n = 0; n < jobs; ++n)
    plan.add(n, "video", start - 20s, start);
  auto now = start;
  for (int n = 2; n < jobs; ++n)
    plan.ended(n, 2s, now += 18ms, told_by::event);
  plan.progressed(1, start + 9s);           // sent long ago
  BOOST_TEST((plan.due(0) <= start + 15s)); // its event is lost
  BOOST_TEST((plan.due(1) <= start + 70s));
}

BOOST_AUTO_TEST_CASE(an_end_is_heard_of_while_the_job_is_asked_about) {
  poll_plan plan;
  plan.add(1, "video", start, start);
  plan.take(start + 1h);
  plan.ended(1, 20s, start + 1h, told_by::event);
  plan.still_open(1, start + 1h); // the answer was on its way
  BOOST_TEST(plan.size() == 0u);
  BOOST_TEST(!plan.next().has_value());
}

BOOST_AUTO_TEST_CASE(an_event_of_progress_does_not_have_a_job_asked_about_twice_at_once) {
  poll_plan plan;
  plan.add(1, "video", start, start);
  plan.take(start + 1h);
  plan.progressed(1, start + 1h);
  BOOST_TEST(!plan.next().has_value()); // its answer is on the way
  plan.still_open(1, start + 1h + 1s);
  BOOST_TEST(plan.next().has_value());
}

BOOST_AUTO_TEST_CASE(an_end_is_heard_of_or_found_whether_the_job_is_being_asked_about_or_not) {
  for (const auto how : {told_by::event, told_by::answer}) {
    for (const bool taken : {false, true}) {
      poll_settings settings;
      settings.expect_events = true;
      poll_plan plan(settings);
      const auto now = start + 10h;
      for (int i = 0; i < 5; ++i) {
        plan.add(i, "video", start, start);
        if (taken) plan.take(now);
        plan.ended(i, 20s, now, how);
      }
      BOOST_TEST(plan.events_fail() == (how == told_by::answer));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_was_told_of_a_life_before_it_was_forgotten_is_not_told_again) {
  // Of ten that live for an hour, and of ten that ended after a minute, half end so early, however often they come by.
  poll_plan plan;
  for (int i = 0; i < 10; ++i) {
    plan.add(i, "video", start, start);
    plan.ended(i, 60s, start + 60s, told_by::answer);
  }
  for (int turn = 0; turn < 20; ++turn)
    for (int i = 10; i < 20; ++i) {
      plan.add(i, "video", start, start + 1h, turn > 0);
      plan.still_open(i, start + 1h);
      plan.forget(i);
    }
  BOOST_TEST(plan.model().ended_by(0, 0s, 2min) > 0.3);
}

BOOST_AUTO_TEST_CASE(polls_leave_submission_its_way) {
  poll_share share;
  BOOST_TEST(share.may_poll(false));
  BOOST_TEST(!share.may_poll(true));
  int polls = 0;
  for (int submitted = 0; submitted < 900; ++submitted) {
    share.on_submission();
    if (!share.may_poll(true)) continue;
    share.on_poll();
    ++polls;
  }
  BOOST_TEST(polls == 100);
  for (int i = 0; i < 100'000; ++i)
    share.on_submission();
  for (polls = 0; share.may_poll(true); ++polls)
    share.on_poll();
  BOOST_TEST(polls == 10); // what is saved up is little
}

BOOST_AUTO_TEST_CASE(only_time_in_which_a_service_failed_is_an_outage) {
  failing_time f;
  BOOST_TEST((f.failed(start, 0s) == 0s));
  BOOST_TEST((f.failed(start + 1min, 0s) == 1min));
  BOOST_TEST((f.failed(start + 10h, 0s) == 3min)); // nobody asked for hours
  BOOST_TEST((f.failed(start + 10h + 90s, 10min) == 4min + 30s));
  BOOST_TEST((f.failed(start + 10h + 5min, 0s) == 4min + 30s)); // it had asked to be left alone
  f.works();
  BOOST_TEST((f.failed(start + 20h, 0s) == 0s));
}

BOOST_AUTO_TEST_SUITE_END()
