#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <csignal>
#include <random>
#include <set>
#include <thread>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using sandbox::list_kind;
using strings = std::vector<std::string>;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// With a limit far above what the test needs.
ended reconcile(const world& w, const strings& more = {}) {
  strings command{"reconcile", w.ledger(), "--limit", "1000/1s"};
  command.insert(command.end(), more.begin(), more.end());
  return w.run(std::move(command));
}

/// An entry whose output URL bears a signature, a secret.
std::string signed_entry(const std::string& name, std::size_t size = 1000) {
  return R"({"job_type":"video","input_url":"https://in.example.com/a.mov","output_url":"https://out.example.com/)" +
         name + R"(.mp4?X-Amz-Signature=canary","input_format":"mov","output_format":"mp4","input_size_bytes":)" +
         std::to_string(size) + "}\n";
}

std::string signed_entries(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += signed_entry(std::to_string(i));
  return text;
}

/// Which ids the service gave to each output URL, without its signature, by its journal.
std::map<std::string, std::set<std::string>> ids_by_url(const world& w) {
  std::map<std::string, std::set<std::string>> ids;
  for (const auto& text : w.server().journal_lines()) {
    const auto line = nlohmann::json::parse(text);
    const auto url = line["output_url"].get<std::string>();
    ids[url.substr(0, url.find('?'))].insert(line["id"].get<std::string>());
  }
  return ids;
}

/// What is submitted bears an id that the service gave for it, and what is in doubt was not accepted.
void check_against_the_journal(const world& w) {
  const auto ids = ids_by_url(w);
  for (const auto& r : w.exported()) {
    const auto url = r["output_url"].get<std::string>();
    const auto accepted = ids.find(url);
    if (r["state"] == "submitted")
      BOOST_TEST((accepted != ids.end() && accepted->second.contains(r["job_id"].get<std::string>())), url);
    else
      BOOST_TEST((accepted == ids.end()), url << " is " << r["state"] << ", and the service has it");
  }
}

/// The reason for which the job with that output URL was left in doubt; "settled" if it was not.
std::string reason_of(const nlohmann::json& told, const std::string& name) {
  for (const auto& job : told["jobs"])
    if (job["output_url"] == "https://out.example.com/" + name + ".mp4")
      return job["reason"].is_null() ? "settled" : job["reason"].get<std::string>();
  return "not in doubt";
}

void wait_until_accepted(const world& w, std::uint64_t jobs) {
  for (int i = 0; w.server().accepted() < jobs && i < 10'000; ++i)
    std::this_thread::sleep_for(1ms);
}

BOOST_AUTO_TEST_SUITE(cli_reconcile)

/// Six jobs are in doubt, of which the service has four. Its clock may be hours off.
BOOST_AUTO_TEST_CASE(what_the_list_shows_is_settled_and_nothing_else) {
  struct row {
    list_kind list;
    duration skew;
  };
  for (const auto& row : {row{list_kind::urls, -7h}, row{list_kind::stripped, 0h}, row{list_kind::array, 5h}}) {
    BOOST_TEST_CONTEXT("list " << static_cast<int>(row.list)) {
      const world w(
          {.faults = "lost@2,500+@5,truncated@8,noid@11,drop@14,500@17", .list = row.list, .clock_skew = row.skew});
      write_file(w.manifest(), signed_entries(20));
      BOOST_TEST(w.submit({"--max-in-flight", "1"}).code == 1);
      BOOST_TEST(w.states()["in_doubt"] == 6);

      const auto run = reconcile(w, {"--json"});
      BOOST_TEST(run.code == 1, run.err);
      BOOST_TEST(run.json()["in_doubt"] == 6);
      BOOST_TEST(run.json()["settled"] == 4);
      BOOST_TEST(run.json()["left"] == 2);
      BOOST_TEST(run.json()["listed"] == 18);
      BOOST_TEST(run.json()["reasons"] == nlohmann::json({{"not_listed", 2}}));
      BOOST_TEST(run.json()["jobs"].size() == 6);
      BOOST_TEST(!holds(run.out + run.err, "canary"), run.out);
      BOOST_TEST(w.states()["submitted"] == 18);
      check_against_the_journal(w);
      // As the service estimates them, those included whose answers were lost.
      BOOST_TEST(w.run({"status", w.ledger(), "--json"}).json()["estimated_cost_micros"] == 18 * 150);

      const auto text = reconcile(w);
      BOOST_TEST(text.code == 1, text.err);
      BOOST_TEST(text.out.starts_with("0 of 2 jobs in doubt settled"), text.out);
      BOOST_TEST(holds(text.out, "recent jobs only"), text.out);
      BOOST_TEST(holds(text.out, "mcbatch retry " + w.ledger() + " --in-doubt && mcbatch submit --ledger "), text.out);

      BOOST_TEST(w.run({"retry", w.ledger(), "--in-doubt"}).code == 0);
      BOOST_TEST(w.run({"submit", "--ledger", w.ledger(), "--limit", "1000/1s"}).code == 0);
      const auto requests = w.server().counted().size();
      const auto done = reconcile(w);
      BOOST_TEST(done.code == 0, done.err);
      BOOST_TEST(done.out == "No job is in doubt.\n");
      BOOST_TEST(w.server().counted().size() == requests);
      check_against_the_journal(w);
      for (const auto& [url, ids] : ids_by_url(w))
        BOOST_TEST(ids.size() == 1, url);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_list_without_urls_settles_nothing_and_says_so) {
  const world w({.faults = "lost@1"});
  write_file(w.manifest(), entries(0, 3));
  BOOST_TEST(w.submit().code == 1);
  const auto run = reconcile(w);
  BOOST_TEST(run.code == 1, run.err);
  BOOST_TEST(holds(run.out, "shows no output URLs"), run.out);
  BOOST_TEST(w.states()["in_doubt"] == 1);
}

/// What a killed run had in flight lies pages back in the list when it is looked for.
BOOST_AUTO_TEST_CASE(what_killed_runs_had_in_flight_is_found) {
  const world w({.latency = 2ms, .list = list_kind::paged});
  write_file(w.manifest(), entries(0, 800));
  const auto command = w.submit_command({"--max-in-flight", "8"});
  std::mt19937 random(20240115); // NOLINT: the moments should be the same in each run
  for (int kills = 0; kills < 4; ++kills) {
    const auto p = w.start(command);
    wait_until_accepted(w, w.server().accepted() + std::uniform_int_distribution<std::uint64_t>(1, 100)(random));
    p->signal(SIGKILL);
    p->wait();
  }
  w.submit({"--max-in-flight", "8"});
  const auto before = w.states();
  const auto run = reconcile(w, {"--json"});
  const auto told = run.json();
  BOOST_TEST_MESSAGE(before["in_doubt"] << " in doubt, " << told["settled"] << " settled");
  BOOST_TEST(told["in_doubt"] == before["in_doubt"]);
  BOOST_TEST(told["in_doubt"].get<int>() > 0); // else no kill met a job on its way, and this showed nothing
  BOOST_TEST(run.code == (told["left"] == 0 ? 0 : 1), run.err);
  BOOST_TEST(w.states()["submitted"] == w.server().accepted());
  check_against_the_journal(w);
}

/// Each looks like one of the list, and each may be another's. One run leaves them in doubt; then another ledger's
/// jobs come. What is created in the same second cannot be told apart: hence the wait.
BOOST_AUTO_TEST_CASE(what_may_be_another_job_is_left_in_doubt) {
  const world w({.faults = "drop@1,lost@3,lost@5,422@6,drop@8,lost@11,422@12", .list = list_kind::urls});
  // No two in a row are lost, so that no outage is seen in it.
  write_file(w.manifest(), signed_entry("strangers") + signed_entry("good1") + signed_entry("twice") +
                               signed_entry("good2") + signed_entry("shared") + signed_entry("shared", 2000) +
                               signed_entry("good3") + signed_entry("known") + signed_entry("known", 2000) +
                               signed_entry("good4") + signed_entry("retried"));
  BOOST_TEST(w.submit({"--max-in-flight", "1"}).json()["jobs"]["in_doubt"] == 5);
  // Tried again and refused: the doubt is about the first try.
  for (const auto& r : w.exported({"--state", "in_doubt"}))
    if (r["output_url"] == "https://out.example.com/retried.mp4")
      BOOST_TEST(w.run({"retry", w.ledger(), "--in-doubt", "--key", r["key"].get<std::string>()}).code == 0);
  BOOST_TEST(w.run({"submit", "--ledger", w.ledger(), "--limit", "1000/1s"}).code == 1);
  BOOST_TEST(w.states()["in_doubt"] == 5);
  std::this_thread::sleep_for(5100ms);
  const auto strangers = w.dir / "strangers.jsonl";
  write_file(strangers, signed_entry("strangers") + signed_entry("twice"));
  BOOST_TEST(w.run({"submit", strangers, "--limit", "1000/1s"}).code == 0);

  const auto before = w.exported();
  const auto run = reconcile(w, {"--json"});
  BOOST_TEST(run.code == 1, run.err);
  const auto told = run.json();
  BOOST_TEST(reason_of(told, "strangers") == "other_time");
  BOOST_TEST(reason_of(told, "twice") == "several");
  BOOST_TEST(reason_of(told, "shared") == "shared_url");
  const auto known = reason_of(told, "known");
  BOOST_TEST((known == "known_id" || known == "other_time"), known); // a slow machine takes seconds between two jobs
  BOOST_TEST(reason_of(told, "retried") == "earlier_try");
  BOOST_TEST(told["settled"] == 0);
  BOOST_TEST((w.exported() == before)); // no other job was touched either
}

/// Each request counts, the pages of the list included, and each waits for its turn.
BOOST_AUTO_TEST_CASE(the_list_is_asked_for_under_the_quota) {
  const world w({.faults = "500+@1,all/429@4", .list = list_kind::urls});
  write_file(w.manifest(), entries(0, 3));
  BOOST_TEST(w.submit({"--max-in-flight", "1"}).code == 1);
  const auto run = w.run({"reconcile", w.ledger(), "--json", "--limit", "1/2s"});
  BOOST_TEST(run.code == 0, run.err); // the 429 was waited out
  BOOST_TEST(run.json()["settled"] == 1);
  const auto requests = w.server().counted();
  BOOST_TEST_REQUIRE(requests.size() == 6); // three creates, the one that was refused, a page, and the same page again
  BOOST_TEST((requests[4] - requests[3] >= 2s));
  BOOST_TEST((requests[5] - requests[4] >= 2s));
  BOOST_TEST(w.run({"account", "--limit", "6/1h"}).code == 75); // another command knows of them
}

BOOST_AUTO_TEST_CASE(whatever_goes_wrong_settles_nothing_and_says_what_it_was) {
  const world w({.faults = "lost@1,hang@2-", .list = list_kind::urls});
  write_file(w.manifest(), entries(0, 2));
  const auto p = w.start(w.submit_command({"--max-in-flight", "1"}));
  wait_until_accepted(w, 2);
  const auto held = reconcile(w);
  BOOST_TEST(held.code == 73, held.err);
  p->signal(SIGKILL);
  p->wait();

  // Also where the dead run's ledger was not opened since.
  const auto status = w.run({"status", w.ledger()}).out;
  BOOST_TEST(holds(status, "2 jobs are in doubt"), status);
  BOOST_TEST(holds(status, " mcbatch reconcile " + w.ledger() + "\n"), status);

  BOOST_TEST(w.run({"reconcile", w.dir / "none"}).code == 66);
  BOOST_TEST(w.run({"reconcile"}).code == 64);
  write_file(w.dir / "other", "not a ledger");
  BOOST_TEST(w.run({"reconcile", w.dir / "other"}).code == 74);
  struct row {
    std::string faults;
    int code;
    std::string says;
  };
  for (const auto& row : {row{"all/html:1", 69, "without a JSON object or array"}, row{"all/503:1", 69, "503"},
                          row{"all/401:1", 77, "refused the token"}, row{"all/403:1", 77, "may not ask for the list"},
                          row{"all/307:1", 69, "307"}, row{"all/truncated:1", 69, "could not be asked"}}) {
    const world elsewhere({.faults = row.faults});
    const auto run = elsewhere.run({"reconcile", w.ledger()});
    BOOST_TEST(run.code == row.code, row.faults << ": " << run.err);
    BOOST_TEST(holds(run.err, row.says), run.err);
    BOOST_TEST(run.out.empty());
  }
  const strings nobody{"reconcile", w.ledger(), "--base-url", "https://127.0.0.1:9"};
  BOOST_TEST(mcbatch_process(nobody, w.environment).wait().code == 69);
  world without_token;
  without_token.environment.erase("MEDIACONVERT_API_TOKEN");
  BOOST_TEST(without_token.run({"reconcile", w.ledger()}).code == 78);
  BOOST_TEST(w.states()["in_doubt"] == 2);

  BOOST_TEST(reconcile(w, {"--lock-wait", "1s"}).code == 0);
  BOOST_TEST(w.states()["submitted"] == 2);
  check_against_the_journal(w);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
