#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/real_service.hpp"
#include "cli/support.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

/// Runs `mcbatch bench --json` to its end.
ended bench(const mcbatch_process::variables& environment, strings arguments) {
  arguments.insert(arguments.begin(), {"bench", "--json", "--log-level", "warning"});
  return mcbatch_process(std::move(arguments), environment).wait();
}

/// Against the sandbox in this process.
ended bench_at(const world& w, strings arguments) {
  arguments.insert(arguments.end(), {"--base-url", w.server().base_url(), "--ca-file", w.dir / "ca.pem"});
  return bench(w.environment, std::move(arguments));
}

/// An environment with nothing in it but a folder for temporary files.
mcbatch_process::variables only_tmpdir(const temp_dir& dir) {
  return {{"TMPDIR", dir.path().string()}};
}

std::size_t files_in(const temp_dir& dir) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir.path()), {}));
}

/// Of the processes that run, those whose command line holds `text`.
int processes_with(const std::string& text) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto line = read_file(entry.path() / "cmdline");
    found += line.find(text) != std::string::npos;
  }
  return found;
}

BOOST_AUTO_TEST_SUITE(cli_bench)

BOOST_AUTO_TEST_CASE(the_real_service_is_known_by_its_name) {
  for (const auto* host : {"mediaconvert.io", "api.mediaconvert.io", "a.b.mediaconvert.io", "mediaconvert.io."})
    BOOST_TEST(cli::is_real_service(host), host);
  for (const auto* host : {"", "io", "mediaconvert.io.example.com", "notmediaconvert.io", "mediaconvert.com",
                           "127.0.0.1", "localhost", "mediaconvert"})
    BOOST_TEST(!cli::is_real_service(host), host);
}

BOOST_AUTO_TEST_CASE(the_real_service_is_refused) {
  const world w;
  for (const auto* url : {"https://mediaconvert.io/api/v1", "https://API.MediaConvert.IO:443/v1",
                          "https://staging.mediaconvert.io./api/v1"}) {
    const auto run = bench(w.environment, {"--jobs", "1", "--base-url", url});
    BOOST_TEST(run.code == 64, run.err);
    BOOST_TEST(run.err.find("--real-service") != std::string::npos, run.err);
    BOOST_TEST(run.out.empty());
  }
  // Asked for it is not refused, but without a ledger nothing would count what is spent.
  const auto run =
      bench(w.environment, {"--real-service", "--no-ledger", "--base-url", "https://mediaconvert.io/api/v1"});
  BOOST_TEST(run.code == 64, run.err);
  BOOST_TEST(run.err.find("--no-ledger") != std::string::npos, run.err);
}

BOOST_AUTO_TEST_CASE(generated_jobs_go_to_a_sandbox_of_its_own) {
  const temp_dir dir;
  for (const bool ledger : {true, false}) {
    auto arguments = strings{"--jobs", "300", "--connections", "4"};
    if (!ledger) arguments.push_back("--no-ledger");
    const auto run = bench(only_tmpdir(dir), arguments);
    BOOST_TEST_REQUIRE(run.code == 0, run.err);
    const auto o = run.json();
    BOOST_TEST(o["stop_reason"] == "done");
    BOOST_TEST(o["own_sandbox"] == true);
    BOOST_TEST(o["base_url"].get<std::string>().starts_with("https://127.0.0.1:"));
    BOOST_TEST(o["ledger"] == ledger);
    BOOST_TEST(o["loop"] == "closed");
    BOOST_TEST(o["latency_from"] == "departure");
    BOOST_TEST(o["connections"] == 4);
    BOOST_TEST(o["jobs"]["read"] == 300);
    BOOST_TEST(o["jobs"]["sent"] == 300);
    BOOST_TEST(o["jobs"]["accepted"] == 300);
    BOOST_TEST(o["jobs"]["errors"] == 0);
    BOOST_TEST(o["jobs_per_second"].get<double>() > 0);
    BOOST_TEST(o["import_s"].is_number() == ledger);
    BOOST_TEST(o["cpu_us_per_job"]["total"].get<double>() > 0);
    BOOST_TEST(o["max_rss_bytes"].get<double>() > 1e6);
    // Each request has a body of 200 bytes and some, and its headers; each answer too.
    BOOST_TEST(o["bytes"]["sent"].get<int>() > 300 * 300);
    BOOST_TEST(o["bytes"]["received"].get<int>() > 300 * 200);
    const auto latency = o["latency_ms"];
    BOOST_TEST(latency["p50"].get<double>() > 0);
    BOOST_TEST(latency["p50"] <= latency["p99"]);
    BOOST_TEST(latency["p99"] <= latency["p99_99"]);
    BOOST_TEST(latency["p99_99"] <= latency["max"]);
    int accepted = 0;
    for (const auto& slice : o["timeline"]["slices"])
      accepted += slice["accepted"].get<int>();
    BOOST_TEST(accepted == 300);
  }
  BOOST_TEST(files_in(dir) == 0U); // nothing is left behind
}

BOOST_AUTO_TEST_CASE(a_manifest_goes_to_a_server_of_the_users) {
  world w;
  write_file(w.manifest(), entries(0, 50) + "{}\n");
  for (const bool ledger : {true, false}) {
    auto arguments = strings{w.manifest()};
    if (!ledger) arguments.push_back("--no-ledger");
    const auto run = bench_at(w, arguments);
    BOOST_TEST(run.code == 1, run.err); // an entry is invalid
    BOOST_TEST(run.json()["jobs"]["accepted"] == 50);
    BOOST_TEST(run.json()["jobs"]["invalid"] == 1);
    BOOST_TEST(run.json()["own_sandbox"] == false);
  }
  BOOST_TEST(w.server().accepted() == 100);
  BOOST_TEST(bench_at(w, {w.manifest(), "--jobs", "10", "--no-ledger"}).json()["jobs"]["accepted"] == 10);
  BOOST_TEST(bench_at(w, {w.manifest(), "--jobs", "10"}).json()["jobs"]["accepted"] == 10);
  BOOST_TEST(w.server().accepted() == 120);
  // It leaves no trace beside the manifest, and none in the account's state.
  BOOST_TEST(!std::filesystem::exists(w.ledger()));
  BOOST_TEST(!std::filesystem::exists(w.dir / "state"));
  BOOST_TEST(bench_at(w, {w.dir / "none"}).code == 66);
  BOOST_TEST(bench_at(w, {w.dir / "none", "--no-ledger"}).code == 66);
  BOOST_TEST(bench_at(w, {"-"}).code == 64);
}

BOOST_AUTO_TEST_CASE(what_fails_is_told_by_its_status) {
  const world w({.faults = "422@3,422@5"});
  const auto plain = bench_at(w, {"--jobs", "20", "--connections", "1", "--no-ledger"});
  BOOST_TEST(plain.code == 1, plain.err);
  BOOST_TEST(plain.json()["errors"]["422"] == 2);
  BOOST_TEST(plain.json()["jobs"]["accepted"] == 18);
  BOOST_TEST(plain.json()["jobs"]["answered"] == 20);

  const world again({.faults = "422@3"});
  const auto durable = bench_at(again, {"--jobs", "20", "--connections", "1"});
  BOOST_TEST(durable.code == 1, durable.err);
  BOOST_TEST(durable.json()["errors"]["422"] == 1);
  BOOST_TEST(durable.json()["jobs"]["accepted"] == 19);
}

/// At most 20 a second leave by one connection where each answer takes 50 ms. Of 100 a second the 40th, due after 0.4
/// s, leaves after 2 s at the earliest: a latency from when it left would not show that.
BOOST_AUTO_TEST_CASE(in_an_open_loop_latency_counts_from_when_a_request_was_due) {
  const world w({.latency = 50ms});
  for (const bool ledger : {true, false}) {
    auto arguments = strings{"--jobs", "40", "--connections", "1", "--rate", "100/1s"};
    if (!ledger) arguments.push_back("--no-ledger");
    const auto run = bench_at(w, arguments);
    BOOST_TEST(run.code == 0, run.err);
    const auto o = run.json();
    BOOST_TEST(o["loop"] == "open");
    BOOST_TEST(o["latency_from"] == "due");
    BOOST_TEST(o["latency_ms"]["max"].get<double>() > 1500);
    BOOST_TEST(o["latency_ms"]["p50"].get<double>() > 500);
    BOOST_TEST(o["elapsed_s"].get<double>() >= 2.0);
  }
}

/// Never faster than the rate: the last of 30 at 20 a second is due after 1.45 s.
BOOST_AUTO_TEST_CASE(no_request_leaves_before_it_is_due) {
  const world w;
  for (const bool ledger : {true, false}) {
    auto arguments = strings{"--jobs", "30", "--rate", "20/1s"};
    if (!ledger) arguments.push_back("--no-ledger");
    const auto run = bench_at(w, arguments);
    BOOST_TEST(run.code == 0, run.err);
    BOOST_TEST(run.json()["elapsed_s"].get<double>() >= 1.45);
    BOOST_TEST(run.json()["jobs"]["accepted"] == 30);
  }
}

BOOST_AUTO_TEST_CASE(a_duration_ends_it_and_tells_what_was_overdue) {
  const world w({.latency = 100ms});
  for (const bool ledger : {true, false}) {
    auto arguments = strings{"--duration", "1s", "--connections", "1", "--rate", "100/1s"};
    if (!ledger) arguments.push_back("--no-ledger");
    const auto run = bench_at(w, arguments);
    BOOST_TEST(run.code == 0, run.err);
    const auto o = run.json();
    BOOST_TEST(o["stop_reason"] == "max_duration");
    BOOST_TEST(o["jobs"]["sent"].get<int>() <= 11); // one in a tenth of a second
    BOOST_TEST(o["jobs"]["overdue"].get<int>() >= 85);
    BOOST_TEST(o["jobs"]["accepted"] == o["jobs"]["sent"]); // what was out is waited for
  }
}

/// Its own sandbox is stopped with it and the folder removed, however it ends: by a signal, which it reports...
BOOST_AUTO_TEST_CASE(a_signal_ends_it_with_a_report) {
  for (const bool ledger : {true, false}) {
    const temp_dir dir;
    auto arguments = strings{"bench", "--json", "--duration", "60s", "--log-level", "warning"};
    if (!ledger) arguments.push_back("--no-ledger");
    mcbatch_process p(arguments, only_tmpdir(dir));
    std::this_thread::sleep_for(1500ms); // wherever that is
    p.signal(SIGINT);
    const auto run = p.wait();
    BOOST_TEST(run.code == 75, run.err);
    BOOST_TEST(run.json()["stop_reason"] == "signal");
    BOOST_TEST(files_in(dir) == 0U);
    BOOST_TEST(processes_with(dir.path().string()) == 0);
  }
}

/// ... also by one that comes while it starts ...
BOOST_AUTO_TEST_CASE(a_signal_at_its_start_leaves_nothing_behind) {
  for (const auto after : {0ms, 5ms, 20ms, 50ms, 100ms}) {
    const temp_dir dir;
    mcbatch_process p({"bench", "--duration", "60s", "--log-level", "error"}, only_tmpdir(dir));
    std::this_thread::sleep_for(after);
    p.signal(SIGTERM);
    p.wait();
    BOOST_TEST(files_in(dir) == 0U);
    BOOST_TEST(processes_with(dir.path().string()) == 0);
  }
}

/// ... and by one that it cannot see: then the folder stays.
BOOST_AUTO_TEST_CASE(the_sandbox_does_not_outlive_it) {
  const temp_dir dir;
  mcbatch_process p({"bench", "--duration", "60s"}, only_tmpdir(dir));
  for (int i = 0; processes_with(dir.path().string()) == 0 && i < 1000; ++i)
    std::this_thread::sleep_for(10ms);
  BOOST_TEST(processes_with(dir.path().string()) == 1);
  p.signal(SIGKILL);
  p.wait();
  for (int i = 0; processes_with(dir.path().string()) > 0 && i < 1000; ++i)
    std::this_thread::sleep_for(10ms);
  BOOST_TEST(processes_with(dir.path().string()) == 0);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_told) {
  world w;
  const auto run = bench(w.environment, {"--no-ledger", "--duration", "60s", "--base-url", "https://127.0.0.1:9/"});
  BOOST_TEST(run.code == 69, run.err);
  BOOST_TEST(run.json()["problem"].get<std::string>().find("no answer") != std::string::npos, run.out);
  w.environment["MEDIACONVERT_API_TOKEN"] = "mc_test_other";
  for (const bool ledger : {true, false}) {
    const auto refused = bench_at(w, ledger ? strings{"--jobs", "9"} : strings{"--jobs", "9", "--no-ledger"});
    BOOST_TEST(refused.code == 77, refused.err);
    BOOST_TEST(refused.json()["stop_reason"] == "unauthorized");
  }
  w.environment.erase("MEDIACONVERT_API_TOKEN");
  BOOST_TEST(bench_at(w, {"--jobs", "1"}).code == 78);
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_refused) {
  const world w;
  const strings usages[] = {
      {"--jobs", "0"},        {"--jobs", "-1"},     {"--rate", "500"},       {"--rate", "0/1s"},
      {"--connections", "0"}, {"--duration", "10"}, {"--plot", "bench.pdf"}, {"--ca-file", w.dir / "ca.pem"},
      {"--real-service"}};
  for (const auto& usage : usages)
    BOOST_TEST(bench(w.environment, usage).code == 64, usage.front());
}

/// With gnuplot there is a picture; without it a sentence says what to install, and all else is as ever.
BOOST_AUTO_TEST_CASE(a_plot_is_drawn_where_gnuplot_is) {
  const temp_dir dir;
  auto environment = only_tmpdir(dir);
  environment["PATH"] = "/usr/bin:/bin";
  const auto picture = dir / "bench.svg";
  const auto run = bench(environment, {"--jobs", "200", "--plot", picture});
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["jobs"]["accepted"] == 200);
  if (std::filesystem::exists("/usr/bin/gnuplot"))
    BOOST_TEST(read_file(picture).find("</svg>") != std::string::npos, run.err);
  else
    BOOST_TEST(run.err.find("gnuplot-nox") != std::string::npos, run.err);

  environment["PATH"] = dir.path().string();
  const auto without = bench(environment, {"--jobs", "5", "--plot", dir / "none.svg"});
  BOOST_TEST(without.code == 0, without.err);
  BOOST_TEST(without.err.find("gnuplot-nox") != std::string::npos, without.err);
  BOOST_TEST(!std::filesystem::exists(dir / "none.svg"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
