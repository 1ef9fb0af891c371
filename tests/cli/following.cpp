#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>
#include <csignal>
#include <future>
#include <random>

#include <sqlite3.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

constexpr auto conversion_times = "time=2s,failed=0.03,cancelled=0.01";

/// Every conversion's end as the service has it stands in the ledger: its state, what was charged, and why it failed.
/// Returns how many jobs are in doubt that the service has, of which the ledger says nothing.
std::size_t check_ends(const world& w, std::size_t jobs) {
  const auto truth = w.server().conversions();
  std::size_t in_doubt = 0, followed = 0;
  const auto records = w.exported();
  BOOST_TEST(records.size() == jobs);
  const auto accepted = w.accepted();
  for (const auto& [url, times] : accepted)
    BOOST_TEST(times == 1, url << " was accepted " << times << " times");
  for (const auto& r : records) {
    if (r["state"] == "in_doubt") {
      in_doubt += accepted.count(r["output_url"].get<std::string>());
      continue;
    }
    ++followed;
    const auto found = truth.find(r["state"] == "submitted" ? r["job_id"].get<std::string>() : "");
    BOOST_TEST_REQUIRE((found != truth.end()), r.dump() << " is no job of the service's");
    const auto& end = found->second;
    BOOST_TEST(r["conversion"] == to_string(end.state), r.dump());
    // Of one that did not end well, the service's events do not say that it costs nothing.
    if (end.state == conversion_state::completed || !r["final_cost_micros"].is_null())
      BOOST_TEST(r["final_cost_micros"] == end.cost_micros.value(), r.dump());
    if (end.state == conversion_state::failed) BOOST_TEST(r["conversion_error"] == end.error, r.dump());
  }
  BOOST_TEST(followed + in_doubt == accepted.size());
  return in_doubt;
}

/// As if the jobs had been submitted half a minute earlier. It is then that the service is asked first: until it has
/// told of an end, a conversion is thought to take some time.
void age(const world& w) {
  sqlite3* db = nullptr;
  const auto opened = sqlite3_open(w.ledger().c_str(), &db);
  const auto aged =
      sqlite3_exec(db, "UPDATE answers SET answered_at = answered_at - 36000000", nullptr, nullptr, nullptr);
  BOOST_TEST_REQUIRE((opened == SQLITE_OK && aged == SQLITE_OK), sqlite3_errmsg(db));
  sqlite3_close(db);
}

/// Until so many conversions have ended, on the service's clock.
void wait_for_ends(const world& w, std::size_t n) {
  const auto ended = [&w] {
    const auto all = w.server().conversions();
    return std::ranges::count_if(all, [](const auto& each) { return is_final(each.second.state); });
  };
  BOOST_TEST_REQUIRE(comes_true([&] { return static_cast<std::size_t>(ended()) >= n; }));
}

strings follow(const strings& more = {}) {
  strings all{"--track", "--timeout", "3s", "--drain", "1s", "--progress", "none", "--max-in-flight", "10"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

strings with_events(const reserved_port& port, const strings& more = {}) {
  auto all = follow({"--webhook-listen", port.address(), "--webhook-url", "http://" + port.address() + "/events",
                     "--webhook-grace", "10s"}); // what came while it was down is sent again after 1, 2, 4 and 8 s
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// What the service has seen of a run, and told it.
std::uint64_t exchanges(const world& w) {
  return w.server().accepted() + w.server().polls() + w.server().webhooks().answered;
}

BOOST_AUTO_TEST_SUITE(cli_following)

BOOST_AUTO_TEST_CASE(twenty_kills_lose_no_end_and_events_spare_nine_polls_in_ten) {
  constexpr std::size_t jobs = 5000, polled_jobs = 1000;
  constexpr int kills = 20;
  const world without_events({.latency = 25ms, .conversions = conversion_times});
  write_file(without_events.manifest(), entries(0, polled_jobs));
  auto polling = std::async(std::launch::async, [&] {
    return without_events.start(without_events.submit_command(follow()))->wait(200s); // on a slow machine
  });
  const world w({.latency = 25ms,
                 .conversions = conversion_times,
                 .webhooks = "late=500ms,twice=0.1,shuffled=0.1,early=0.02,forged=0.1,lost=0.05,retries=4"});
  const reserved_port port;
  write_file(w.manifest(), entries(0, jobs));
  std::mt19937 random(1);
  const auto draw = [&random](int least, int most) { return std::uniform_int_distribution(least, most)(random); };
  int terminated = 0, under_way = 0;
  for (int n = 0; n < kills; ++n) {
    const auto p = w.start(w.submit_command(with_events(port)));
    // At any moment of its life: as it begins, and amid its work.
    const auto until = exchanges(w) + static_cast<std::uint64_t>(draw(0, 600));
    BOOST_TEST_REQUIRE(comes_true([&] { return exchanges(w) >= until; }), p->errors_so_far());
    under_way += w.server().accepted() > 0 && w.server().accepted() < jobs ? 1 : 0;
    const bool kill = draw(0, 4) > 0;
    p->signal(kill ? SIGKILL : SIGTERM);
    const auto e = p->wait();
    BOOST_TEST((kill ? e.signal == SIGKILL : e.code == 75 || e.code == -1), e.err);
    terminated += kill ? 0 : 1;
    BOOST_TEST_MESSAGE(n << ": " << w.server().accepted() << " accepted " << w.server().polls() << " polls "
                         << w.server().webhooks().failed);
  }
  const auto e = w.start(w.submit_command(with_events(port)))->wait(200s);
  BOOST_TEST(e.code == 1, e.err);
  const auto in_doubt = check_ends(w, jobs);
  const auto polls = static_cast<double>(w.server().polls()) / jobs;
  const auto polled = polling.get();
  BOOST_TEST(polled.code == 1, polled.err);
  BOOST_TEST(check_ends(without_events, polled_jobs) == 0);
  const auto alone = static_cast<double>(without_events.server().polls()) / polled_jobs;
  const auto sent = w.server().webhooks();
  BOOST_TEST_MESSAGE(polls << " requests a job with events, " << alone << " without; " << in_doubt << " in doubt; "
                           << terminated << " terminated; events " << sent.answered << " answered " << sent.failed
                           << " failed " << sent.refused << " refused " << sent.forged << " forged");
  BOOST_TEST(polls < 0.1 * alone);
  BOOST_TEST(under_way >= kills / 2);
  BOOST_TEST(in_doubt <= 5); // of hundreds in flight at a death, those of whom each event was lost
}

/// `mcbatch track` of the ledger of "m.jsonl".
strings track_command(const world& w, const strings& more = {}) {
  strings all{"track", w.ledger(), "--summary", "json", "--limit", "1000000/1s", "--progress", "none"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

BOOST_AUTO_TEST_CASE(polling_alone_follows_every_conversion_to_its_end) {
  constexpr std::size_t jobs = 60;
  const world w({.conversions = "time=2s"});
  write_file(w.manifest(), entries(0, jobs));
  BOOST_TEST(w.submit().code == 0);
  age(w);
  wait_for_ends(w, jobs * 2 / 3);
  const auto e = w.run(track_command(w));
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(e.json()["stop_reason"] == "done");
  BOOST_TEST(e.json()["conversions"]["completed"] == jobs);
  BOOST_TEST(e.json()["requests"]["sent"] == w.server().polls());
  BOOST_TEST(w.server().polls() > jobs); // some had not ended when they were asked about first
  BOOST_TEST(e.json()["events"].is_null());
  BOOST_TEST(check_ends(w, jobs) == 0);
  const auto polls = w.server().polls();
  BOOST_TEST(w.run(track_command(w)).code == 0); // all is known by now
  BOOST_TEST(w.server().polls() == polls);
}

BOOST_AUTO_TEST_CASE(conversions_that_failed_need_attention) {
  constexpr std::size_t jobs = 30;
  for (const auto* how : {"failed=0.5", "cancelled=0.5"}) {
    const world w({.conversions = std::string("time=200ms,") + how});
    write_file(w.manifest(), entries(0, jobs));
    BOOST_TEST(w.submit().code == 0);
    age(w);
    wait_for_ends(w, jobs);
    const auto e = w.run(track_command(w));
    BOOST_TEST(e.code == 1, e.err);
    BOOST_TEST(e.json()["stop_reason"] == "done");
    BOOST_TEST(check_ends(w, jobs) == 0);
  }
}

BOOST_AUTO_TEST_CASE(interrupted_it_can_be_resumed) {
  constexpr std::size_t jobs = 40;
  const world w({.conversions = "time=100ms"});
  write_file(w.manifest(), entries(0, jobs));
  BOOST_TEST(w.submit().code == 0);
  age(w);
  const auto p = w.start({"track", w.ledger(), "--summary", "json", "--limit", "10/1s", "--progress", "none"});
  BOOST_TEST_REQUIRE(comes_true([&] { return w.server().polls() >= 5; })); // it is at its work
  p->signal(SIGINT);
  const auto stopped = p->wait();
  BOOST_TEST(stopped.code == 75, stopped.err);
  BOOST_TEST(stopped.json()["stop_reason"] == "signal");
  const auto ended = stopped.json()["conversions"]["completed"].get<std::size_t>();
  BOOST_TEST(ended > 0);
  BOOST_TEST(ended < jobs);
  const auto e = w.run(track_command(w));
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(check_ends(w, jobs) == 0);
}

BOOST_AUTO_TEST_CASE(why_submission_ended_is_told_while_conversions_are_followed) {
  const world w({.conversions = "time=1s", .webhooks = "retries=4"});
  const reserved_port port;
  write_file(w.manifest(), entries(0, 5));
  const auto e = w.submit(with_events(port, {"--max-jobs", "2", "--log-level", "warning"}));
  BOOST_TEST(e.code == 75, e.err);
  BOOST_TEST(e.json()["stop_reason"] == "max_jobs");
  BOOST_TEST(e.json()["conversions"]["completed"] == 2, e.out);
  BOOST_TEST(e.err.find("The conversions of what is submitted are followed to their ends") != std::string::npos, e.err);
}

BOOST_AUTO_TEST_CASE(the_cap_on_costs_holds_over_runs_of_a_ledger) {
  constexpr std::int64_t price = 150; // of each of these jobs, in millionths: the service's estimate
  constexpr std::int64_t in_flight = 4;
  const world w({.latency = 5ms, .conversions = "time=100ms"});
  write_file(w.manifest(), entries(0, 300));
  const auto sum = [&](bool charged) {
    std::int64_t all = 0;
    for (const auto& r : w.exported({"--state", "submitted"})) {
      const auto& end = r["final_cost_micros"];
      all += (charged && !end.is_null() ? end : r["estimated_cost_micros"]).get<std::int64_t>();
    }
    return all;
  };
  const auto submit = [&](const char* euros) {
    const auto e = w.submit({"--max-cost", euros, "--max-in-flight", std::to_string(in_flight)});
    BOOST_TEST(e.code == 75, e.err);
    BOOST_TEST(e.json()["stop_reason"] == "max_cost", e.out);
  };
  submit("0.006"); // forty jobs
  BOOST_TEST(sum(false) <= 6000);
  BOOST_TEST(sum(false) > 6000 - in_flight * price);
  submit("0.006");
  BOOST_TEST(sum(false) <= 6000);
  age(w);
  BOOST_TEST(w.run(track_command(w)).code == 0);
  const auto charged = sum(true);
  BOOST_TEST(charged != sum(false));
  // What was charged has taken the place of the estimates.
  submit("0.012");
  BOOST_TEST(sum(true) <= 12'000);
  BOOST_TEST(sum(true) > 12'000 - in_flight * price);
  BOOST_TEST(sum(true) - charged == price * ((12'000 - charged) / price));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
