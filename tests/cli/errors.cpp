#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(cli_errors)

struct refusal_row {
  const char* faults;
  int code;
  const char* stop_reason;
  const char* says;
  int pending; // of ten jobs
};

/// What ends a run: one sentence, the right code, and every job still there.
BOOST_AUTO_TEST_CASE(answers_that_end_a_run) {
  const refusal_row rows[] = {
      {"401@1-", 77, "unauthorized", "token", 10},     {"402@1-", 77, "payment_required", "credit", 10},
      {"403@1-", 77, "forbidden", "forbids", 10},      {"redirect@1-", 69, "redirected", "--base-url", 10},
      {"402@4-", 77, "payment_required", "credit", 7}, {"503@1-", 69, "outage", "did not work", 10},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.faults) {
      const world w({.faults = row.faults});
      write_file(w.manifest(), entries(0, 10));
      const auto command = strings{"submit", w.manifest(),      "--limit", "1000/1s",        "--max-outage",
                                   "500ms",  "--max-in-flight", "1",       "--summary-file", w.dir / "s"};
      const auto run = w.run(command);
      BOOST_TEST(run.code == row.code, run.err);
      BOOST_TEST(holds(read_file(w.dir / "s"), row.says), read_file(w.dir / "s"));
      const auto states = w.states();
      BOOST_TEST(states["pending"] == row.pending);
      BOOST_TEST(states["submitted"] == 10 - row.pending);
      const auto status = w.run({"status", w.ledger(), "--json"}).json();
      BOOST_TEST(status["last_run"]["stop_reason"] == row.stop_reason);
    }
  }
}

struct outcome_row {
  const char* faults;
  const char* state; // of the one job
  int code;
  int sent;
};

/// What one answer makes of one job.
BOOST_AUTO_TEST_CASE(answers_that_concern_a_job) {
  const outcome_row rows[] = {
      {"", "submitted", 0, 1},      {"noid@1", "in_doubt", 1, 1}, {"html@1", "in_doubt", 1, 1},
      {"503@1", "submitted", 0, 2}, {"408@1", "submitted", 0, 2}, {"425@1", "submitted", 0, 2},
      {"404@1", "rejected", 1, 1},  {"422@1", "rejected", 1, 1},  {"403@1", "rejected", 1, 1},
      {"500@1", "in_doubt", 1, 1},  {"500+@1", "in_doubt", 1, 1}, {"502@1", "in_doubt", 1, 1},
      {"lost@1", "in_doubt", 1, 1}, {"drop@1", "in_doubt", 1, 1}, {"truncated@1", "in_doubt", 1, 1},
      {"hang@1", "in_doubt", 1, 1},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.faults) {
      const world w({.faults = row.faults});
      write_file(w.manifest(), entries(0, 1));
      const auto run = w.submit({"--timeout", "700ms"});
      BOOST_TEST(run.code == row.code, run.err);
      BOOST_TEST(run.json()["requests"]["sent"] == row.sent);
      BOOST_TEST(w.exported().at(0)["state"] == row.state);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_429_pauses_the_run_and_costs_no_attempt) {
  const world w({.faults = "429@3"});
  write_file(w.manifest(), entries(0, 5));
  const auto run = w.submit({"--max-in-flight", "1"});
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["requests"]["rate_limited"] == 1);
  BOOST_TEST(run.json()["quota"]["paused_s"].get<double>() >= 3.0); // Retry-After 2 s, and a second
  for (const auto& r : w.exported())
    BOOST_TEST(r["attempts"] == 1);
}

BOOST_AUTO_TEST_CASE(what_is_in_doubt_goes_again_only_when_asked) {
  const world w({.faults = "lost@1,drop@2"});
  write_file(w.manifest(), entries(0, 2));
  BOOST_TEST(w.submit({"--max-in-flight", "1"}).code == 1);
  BOOST_TEST(w.submit({"--max-in-flight", "1"}).code == 1);
  BOOST_TEST(w.server().accepted() == 1);
  const auto retried = w.run({"retry", w.ledger(), "--in-doubt"});
  BOOST_TEST(holds(retried.out, "2 put back"), retried.out);
  BOOST_TEST(w.submit().code == 0);
  BOOST_TEST(w.server().accepted() == 3);

  const world again({.faults = "drop@1"});
  write_file(again.manifest(), entries(0, 1));
  BOOST_TEST(again.submit({"--on-in-doubt", "resubmit"}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_refused_retry_of_a_doubted_job_settles_nothing) {
  const world w({.faults = "drop@1,422@2"});
  write_file(w.manifest(), entries(0, 1));
  BOOST_TEST(w.submit().code == 1);
  BOOST_TEST(w.run({"retry", w.ledger(), "--in-doubt"}).code == 0);
  BOOST_TEST(w.submit().code == 1);
  BOOST_TEST(w.states()["in_doubt"] == 1);
}

BOOST_AUTO_TEST_CASE(tokens_that_cannot_be_had) {
  world w;
  write_file(w.manifest(), entries(0, 3));
  const auto refused = [&](const strings& more, const std::string& says) {
    const auto run = w.submit(more);
    BOOST_TEST(run.code == 78, run.err);
    BOOST_TEST(holds(run.err, says), run.err);
    BOOST_TEST(!std::filesystem::exists(w.ledger()));
  };
  refused({"--token-file", w.dir / "none"}, w.dir / "none");
  write_file(w.dir / "open", "mc_test_x\n");
  ::chmod((w.dir / "open").c_str(), 0644);
  refused({"--token-file", w.dir / "open"}, "chmod 600");
  refused({"--token-env", "NO_SUCH_VARIABLE"}, "NO_SUCH_VARIABLE");
  w.environment["BROKEN"] = "mc_test\r\nX-Evil: 1";
  refused({"--token-env", "BROKEN"}, "BROKEN");
  w.environment.erase("MEDIACONVERT_API_TOKEN");
  refused({}, "MEDIACONVERT_API_TOKEN");

  write_file(w.dir / "good", std::string(world::token) + "\n");
  ::chmod((w.dir / "good").c_str(), 0600);
  BOOST_TEST(w.submit({"--token-file", w.dir / "good"}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_token_file_that_was_renewed_does_not_stop_the_run) {
  const world w({.latency = 500ms});
  write_file(w.manifest(), entries(0, 5));
  write_file(w.dir / "token", "mc_test_old\n");
  ::chmod((w.dir / "token").c_str(), 0600);
  const auto p = w.start(w.submit_command({"--token-file", w.dir / "token"}));
  // The answer to the old token takes half a second: by then the file holds the new one.
  while (w.server().connections() == 0)
    std::this_thread::sleep_for(1ms);
  write_file(w.dir / "token", std::string(world::token) + "\n");
  const auto e = p->wait();
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(e.json()["requests"]["by_status"]["401"] == 1);
}

BOOST_AUTO_TEST_CASE(manifests_that_cannot_be_used) {
  const world w;
  const auto run = [&](const std::string& path) { return w.run({"submit", path, "--ledger", w.dir / "l"}); };
  const auto missing = run(w.dir / "missing.jsonl");
  BOOST_TEST(missing.code == 66);
  BOOST_TEST(holds(missing.err, "missing.jsonl"), missing.err);
  BOOST_TEST(run(w.dir.path().string()).code == 66);
  write_file(w.dir / "binary", std::string("\x7f"
                                           "ELF\0\0\1\2",
                                           8));
  BOOST_TEST(run(w.dir / "binary").code == 65);
  write_file(w.dir / "prose", "Dear reader,\nthis is no manifest.\n");
  BOOST_TEST(run(w.dir / "prose").code == 65);
  BOOST_TEST(!std::filesystem::exists(w.dir / "l"));
  write_file(w.dir / "empty", "");
  const auto empty = run(w.dir / "empty");
  BOOST_TEST(empty.code == 0);
  BOOST_TEST(holds(empty.out, "no entries"), empty.out);
  write_file(w.dir / "broken", "[" + entry_text(1) + "," + entry_text(2));
  const auto broken = run(w.dir / "broken");
  BOOST_TEST(broken.code == 1);
  BOOST_TEST(w.server().accepted() == 2);
}

BOOST_AUTO_TEST_CASE(ledgers_that_cannot_be_written) {
  const world w;
  write_file(w.manifest(), entries(0, 3));
  for (const auto& path : {w.dir / "no" + "/such/folder/l", std::string("/proc/version"), w.dir.path().string()}) {
    const auto run = w.submit({"--ledger", path});
    BOOST_TEST(run.code == 74, run.err);
    BOOST_TEST(holds(run.err, path), run.err);
  }
  write_file(w.dir / "other", "not a ledger, but somebody's file, with some text in it");
  BOOST_TEST(w.submit({"--ledger", w.dir / "other"}).code == 74);
  BOOST_TEST(read_file(w.dir / "other").starts_with("not a ledger"));
  BOOST_TEST(w.server().accepted() == 0);
  BOOST_TEST(w.run({"submit", "--ledger", w.dir / "none"}).code == 66);
}

/// A disk that fills up: SQLite's write fails, and the program sends nothing more, says why, and ends.
BOOST_AUTO_TEST_CASE(a_ledger_that_cannot_be_written_any_more_stops_the_run) {
  for (const auto* more : {"", " --strict"}) {
    const world w;
    write_file(w.manifest(), entries(0, 20'000));
    // A limit on the size of files stands for the full disk; the shell lets the program see the error, not the signal.
    const auto command = "trap '' XFSZ; ulimit -f 400; exec " MCBATCH_PROGRAM " submit " + w.manifest() +
                         " --limit 2000/1s --summary json --base-url " + w.server().base_url() + " --ca-file " +
                         w.dir / "ca.pem" + more;
    const auto run = mcbatch_process::shell(command, w.environment).wait();
    BOOST_TEST(run.code == 74, run.err);
    BOOST_TEST(run.json()["stop_reason"] == "ledger");
    const auto sent = w.server().accepted();
    BOOST_TEST(sent < 20'000);
    const auto again = w.submit();
    BOOST_TEST((again.code == 0 || again.code == 1), again.err);
    for (const auto& [url, count] : w.accepted())
      BOOST_TEST(count == 1, url);
  }
}

BOOST_AUTO_TEST_CASE(jobs_whose_urls_have_ended_are_not_sent) {
  const world w;
  const std::string ended =
      R"({"job_type":"video","input_format":"a","output_format":"b","output_url":"s3://o/1","input_url":"https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Signature=S&Expires=1700000000"})";
  write_file(w.manifest(), entries(0, 3) + ended + "\n");
  const auto run = w.submit();
  BOOST_TEST(run.code == 1, run.err);
  BOOST_TEST(run.json()["jobs"]["expired"] == 1);
  BOOST_TEST(run.json()["jobs"]["submitted"] == 3);
  BOOST_TEST(w.server().accepted() == 3);
  BOOST_TEST(w.exported().at(3)["error"] == "expired");
  // Signed anew it is the same job, and goes out.
  auto fresh = ended;
  fresh.replace(fresh.find("1700000000"), 10, "4000000000");
  write_file(w.manifest(), entries(0, 3) + fresh + "\n");
  const auto again = w.submit();
  BOOST_TEST(again.code == 0, again.err);
  BOOST_TEST(again.json()["jobs"]["submitted"] == 1);
}

BOOST_AUTO_TEST_CASE(no_output_takes_the_place_of_the_runs_own_files) {
  const world w;
  write_file(w.manifest(), entries(0, 3));
  BOOST_TEST(w.submit().code == 0);
  BOOST_TEST(w.run({"export", w.ledger(), "-o", w.ledger()}).code == 64);
  for (const auto* option : {"--summary-file", "--metrics-file"})
    for (const auto& own : {w.ledger(), w.manifest()})
      BOOST_TEST(w.submit({option, own}).code == 64);
  BOOST_TEST(w.states()["submitted"] == 3);
  // A ledger that was emptied all the same is not taken for a new one.
  write_file(w.ledger(), "");
  BOOST_TEST(w.submit().code == 74);
  BOOST_TEST(w.server().accepted() == 3);
}

BOOST_AUTO_TEST_CASE(a_run_without_manifests_is_done_only_when_its_ledger_is) {
  const world w({.faults = "422@2,drop@3"});
  write_file(w.manifest(), entries(0, 4));
  BOOST_TEST(w.submit({"--max-in-flight", "1"}).code == 1);
  const strings again{"submit", "--ledger", w.ledger(), "--summary", "json"};
  const auto nothing = w.run(again);
  BOOST_TEST(nothing.code == 1, nothing.err);
  BOOST_TEST(nothing.json()["jobs"]["rejected"] == 1);
  BOOST_TEST(nothing.json()["jobs"]["in_doubt"] == 1);
  BOOST_TEST(nothing.json()["jobs"]["skipped"] == 2);
  BOOST_TEST(w.run({"retry", w.ledger(), "--rejected", "--in-doubt"}).code == 0);
  const auto done = w.run(again);
  BOOST_TEST(done.code == 0, done.err);
  BOOST_TEST(done.json()["jobs"]["submitted"] == 2);
}

BOOST_AUTO_TEST_CASE(what_went_wrong_is_in_the_summary) {
  const world w({.faults = "503@1-"});
  write_file(w.manifest(), entries(0, 10));
  const auto outage = w.submit({"--max-outage", "500ms"});
  BOOST_TEST(outage.code == 69, outage.err);
  BOOST_TEST(holds(outage.json()["problem"].get<std::string>(), "503"), outage.out);

  const world broken;
  write_file(broken.manifest(), "[" + entry_text(1) + ",\n" + entry_text(2));
  const auto part = broken.submit();
  BOOST_TEST(part.code == 1);
  BOOST_TEST(holds(part.json()["problem"].get<std::string>(), broken.manifest()), part.out);
  const auto check = broken.run({"check", broken.manifest(), "--json"});
  BOOST_TEST(check.code == 65);
  BOOST_TEST(check.json()["problems"].size() == 1);
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_told_from_wrong_settings) {
  const world w;
  write_file(w.manifest(), entries(0, 1));
  const strings usages[] = {{},
                            {"nonsense"},
                            {"submit"},
                            {"submit", "-"},
                            {"submit", w.manifest(), w.manifest()},
                            {"submit", w.manifest(), "--limit", "5/0s"},
                            {"submit", w.manifest(), "--limit", "many"},
                            {"submit", w.manifest(), "--timeout", "3"},
                            {"submit", w.manifest(), "--no-such-option"},
                            {"submit", w.manifest(), "--tier", "gold"},
                            {"submit", w.manifest(), "--share", "0"},
                            {"submit", w.manifest(), "--token", "x"},
                            {"submit", w.manifest(), "--max-cost", "nan"},
                            {"submit", w.manifest(), "--max-jobs", "-1"},
                            {"retry", w.ledger()},
                            {"check"}};
  for (const auto& usage : usages) {
    const auto run = mcbatch_process(usage, w.environment).wait();
    BOOST_TEST(run.code == 64, (usage.empty() ? "" : usage.back()) << ": " << run.code << " " << run.err);
    BOOST_TEST(run.out.empty());
    BOOST_TEST(run.err.starts_with("mcbatch: "), run.err);
  }
  const auto unknown = w.run({"submitt", w.manifest()});
  BOOST_TEST(unknown.err.find("none of the subcommands") != std::string::npos, unknown.err);
  const auto plain =
      mcbatch_process({"submit", w.manifest(), "--base-url", "http://127.0.0.1:1/"}, w.environment).wait();
  BOOST_TEST(plain.code == 78, plain.err);
  auto proxied = w.environment;
  proxied["HTTPS_PROXY"] = "socks5://127.0.0.1:1";
  BOOST_TEST(mcbatch_process({"submit", w.manifest()}, proxied).wait().code == 78);
}

BOOST_AUTO_TEST_CASE(a_service_that_is_not_there_is_an_outage) {
  const world w;
  write_file(w.manifest(), entries(0, 3));
  const auto run = mcbatch_process({"submit", w.manifest(), "--base-url", "https://127.0.0.1:9/api", "--max-outage",
                                    "500ms", "--summary", "json"},
                                   w.environment)
                       .wait();
  BOOST_TEST(run.code == 69, run.err);
  BOOST_TEST(run.json()["stop_reason"] == "outage");
  BOOST_TEST(run.json()["jobs"]["pending"] == 3);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
