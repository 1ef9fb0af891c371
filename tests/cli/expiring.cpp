#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>
#include <ctime>

namespace mcbatch::tests {
namespace {

/// A line of CSV: a job whose input URL ends in so many seconds from now; 0: never.
std::string line(const std::string& name, long seconds, const std::string& more = "") {
  const auto query =
      "?AWSAccessKeyId=A&Signature=S" + more + "&Expires=" + std::to_string(std::time(nullptr) + seconds);
  return "https://b.s3.amazonaws.com/" + name + (seconds == 0 ? "" : query) + ",s3://out/" + name + ",audio,wav,mp3\n";
}

constexpr auto header = "input_url,output_url,job_type,input_format,output_format\n";
constexpr long hour = 3600;

/// The output names in the order in which the service accepted them.
std::vector<std::string> order_of(const world& w) {
  std::vector<std::string> names;
  for (const auto& text : w.server().journal_lines())
    names.push_back(
        nlohmann::json::parse(text)["output_url"].get<std::string>().substr(std::string("s3://out/").size()));
  return names;
}

using names = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(cli_expiring)

BOOST_AUTO_TEST_CASE(dead_jobs_cost_no_request_and_those_that_expire_soonest_go_first) {
  const world w;
  auto manifest = header + line("never1", 0) + line("never2", 0) + line("never3", 0) + line("never4", 0);
  manifest += line("dead1", -hour) + line("soon", 300) + line("dead2", -1) + line("sooner", 200);
  manifest += line("third", 4 * hour) + line("second", 3 * hour) + line("first", 2 * hour);
  manifest += line("alive", 400 * hour, "&x-amz-security-token=t");
  write_file(w.manifest(), manifest);
  // By two an hour the last has its turn in three hours, and the first two have gone when it is decided, at most.
  const auto run = w.submit({"--limit", "2/1h", "--max-jobs", "2", "--max-in-flight", "1"});
  BOOST_TEST(run.code == 75, run.err);
  const auto summary = run.json();
  BOOST_TEST(summary["jobs"]["expired"] == 4);
  BOOST_TEST(summary["jobs"]["submitted"] == 2);
  BOOST_TEST(summary["jobs"]["pending"] == 6);
  BOOST_TEST(summary["requests"]["sent"] == 2);
  BOOST_TEST(run.err.find("soonest first: in manifest order") != std::string::npos, run.err);
  BOOST_TEST(run.err.find("1 job has URLs signed with temporary AWS credentials") != std::string::npos, run.err);
  BOOST_TEST(run.err.find("line 13)") != std::string::npos, run.err);
  auto sent = order_of(w);
  // One job may have left before the manifest was read to its end.
  if (sent.at(0) == "never1") sent.erase(sent.begin());
  const names soonest{"first", "second"};
  BOOST_TEST(std::equal(sent.begin(), sent.end(), soonest.begin()), run.err);

  const auto expired = w.exported({"--state", "expired"});
  BOOST_REQUIRE(expired.size() == 4U);
  BOOST_TEST(expired[0]["message"].get<std::string>().find("ended at ") != std::string::npos);
  BOOST_TEST(expired[1]["message"].get<std::string>().find("within the 15m") != std::string::npos);
  BOOST_TEST(expired[1]["message"].get<std::string>().find("put fresh URLs in the manifest") != std::string::npos);
  BOOST_TEST(expired[0]["attempts"] == 0);

  // Put back, those within the margin go out under a smaller one, and the dead are found dead again.
  const auto retried = w.run({"retry", w.ledger(), "--expired"});
  BOOST_TEST(retried.out.find("4 expired") != std::string::npos, retried.out);
  BOOST_TEST(w.states()["pending"] == 10);
  const auto rest =
      w.run({"submit", "--ledger", w.ledger(), "--url-margin", "0s", "--limit", "1000/1h", "--summary", "json"});
  BOOST_TEST(rest.code == 1, rest.err);
  BOOST_TEST(rest.json()["jobs"]["expired"] == 2);
  BOOST_TEST(rest.json()["jobs"]["submitted"] == 8);

  // With fresh URLs they are the same jobs.
  write_file(w.manifest(), header + line("dead1", hour) + line("dead2", hour) + line("first", hour));
  const auto fresh = w.submit();
  BOOST_TEST(fresh.code == 0, fresh.err);
  BOOST_TEST(fresh.json()["jobs"]["submitted"] == 2);
  BOOST_TEST(fresh.json()["jobs"]["skipped"] == 1);
  BOOST_TEST(w.states()["submitted"] == 12);
}

BOOST_AUTO_TEST_CASE(a_job_in_doubt_whose_urls_are_dead_is_not_sent_again_and_stays_in_doubt) {
  const world w({.faults = "lost@1"});
  write_file(w.manifest(), header + line("a", hour));
  BOOST_TEST(w.submit().json()["jobs"]["in_doubt"] == 1);
  write_file(w.manifest(), header + line("a", -hour));
  const auto again = w.submit({"--on-in-doubt", "resubmit", "--metrics-file", w.dir / "metrics"});
  BOOST_TEST(again.code == 1, again.err);
  BOOST_TEST(again.json()["jobs"]["in_doubt"] == 1);
  BOOST_TEST(again.json()["jobs"]["expired"] == 0);
  BOOST_TEST(again.json()["requests"]["sent"] == 0);
  BOOST_TEST(again.json()["requests"]["failed"] == 0);
  const auto metrics = read_file(w.dir / "metrics");
  BOOST_TEST(metrics.find(R"(mcbatch_jobs{state="in_doubt"} 1)") != std::string::npos, metrics);
  const auto kept = w.exported().at(0);
  BOOST_TEST(kept["message"].get<std::string>().find("was not sent again") != std::string::npos);
  BOOST_TEST(kept["attempts"] == 1);
}

BOOST_AUTO_TEST_CASE(check_counts_urls_that_end_before_their_turn) {
  const world w;
  std::string manifest = header;
  for (int n = 0; n < 20; ++n)
    manifest += line(std::to_string(n), 30);
  write_file(w.manifest(), manifest);
  const auto expiring = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"check", w.manifest(), "--json"});
    return w.run(std::move(more)).json()["expiring"];
  };
  // On free the second ten have their turn a minute after the first.
  BOOST_TEST(expiring({"--tier", "free", "--url-margin", "0s"}) == 10);
  BOOST_TEST(expiring({"--tier", "pro", "--url-margin", "0s"}) == 0);
  BOOST_TEST(expiring({"--limit", "5/1m", "--url-margin", "0s"}) == 15);
  BOOST_TEST(expiring({"--tier", "pro"}) == 20); // none leaves the service the 15 minutes to fetch it
}

BOOST_AUTO_TEST_CASE(check_counts_what_soonest_first_cannot_save_and_lists_it) {
  const world w;
  // Two an hour: of five that end within an hour two are in time, wherever they stand; the dead take no turn.
  auto manifest = header + line("never1", 0) + line("never2", 0) + line("day", 24 * hour);
  for (int n = 0; n < 5; ++n)
    manifest += line("hour" + std::to_string(n), hour / 2 + n);
  manifest += line("dead", -hour) + line("temporary", 24 * hour, "&x-amz-security-token=t");
  write_file(w.manifest(), manifest);
  const std::vector<std::string> command{"check", w.manifest(), "--limit", "2/1h"};
  auto in_json = command;
  in_json.emplace_back("--json");
  const auto run = w.run(in_json);
  BOOST_TEST(run.code == 0, run.err);
  const auto found = run.json();
  BOOST_TEST(found["valid"] == 10);
  BOOST_TEST(found["expiring"] == 4);
  BOOST_TEST(found["ended"] == 1);
  BOOST_TEST(found["temporary_credentials"] == 1);
  const auto& first = found["expiring_first"];
  BOOST_REQUIRE(first.size() == 4U);
  BOOST_TEST(first[0]["line"] == 10); // the dead one
  BOOST_TEST(first[0]["manifest"] == w.manifest());
  for (std::size_t n = 1; n < 4; ++n) {
    BOOST_TEST(first[n]["line"] == 6 + n);
    BOOST_TEST(first[n]["expires_at"].get<std::string>() < first[n]["turn_at"].get<std::string>());
  }
  const auto text = w.run(command).out;
  for (const auto& part : {"4 have URLs that expire before their turn comes", "of which 1 is dead already",
                           "line 10: ends at 2", "its turn comes at 2", "1 has URLs signed with temporary", "line 11)"})
    BOOST_TEST(text.find(part) != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
