#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>

#include <csignal>
#include <thread>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;

bool each_once(const std::map<std::string, int>& accepted, std::size_t jobs) {
  return accepted.size() == jobs &&
         std::all_of(accepted.begin(), accepted.end(), [](const auto& a) { return a.second == 1; });
}

BOOST_AUTO_TEST_SUITE(cli_submit)

BOOST_AUTO_TEST_CASE(ten_thousand_jobs_go_out_once_each_and_a_grown_manifest_sends_what_is_new) {
  const world w({.limits = {{2000, 1s}}, .window = sandbox::window_kind::bucket});
  write_file(w.manifest(), entries(0, 10'000));
  const auto first = w.submit({"--limit", "2000/1s"});
  BOOST_TEST(first.code == 0, first.err);
  BOOST_TEST(first.json()["jobs"]["submitted"] == 10'000);
  BOOST_TEST(first.json()["requests"]["rate_limited"] == 0);
  BOOST_TEST(each_once(w.accepted(), 10'000));

  const auto second = w.submit({"--limit", "2000/1s"});
  BOOST_TEST(second.code == 0);
  BOOST_TEST(second.json()["requests"]["sent"] == 0);
  BOOST_TEST(second.json()["jobs"]["skipped"] == 10'000);
  BOOST_TEST(second.json()["jobs"]["submitted"] == 0);

  append_file(w.manifest(), entries(10'000, 10'100));
  const auto third = w.submit({"--limit", "2000/1s"});
  BOOST_TEST(third.code == 0);
  BOOST_TEST(third.json()["requests"]["sent"] == 100);
  BOOST_TEST(third.json()["jobs"]["submitted"] == 100);
  BOOST_TEST(each_once(w.accepted(), 10'100));
}

BOOST_AUTO_TEST_CASE(the_summary_has_what_scripts_rely_on) {
  const world w;
  write_file(w.manifest(), entries(0, 3) + entries(2, 3) + "{\"job_type\":\"video\"}\n");
  const auto run = w.submit();
  BOOST_TEST(run.code == 1);
  const auto s = run.json();
  BOOST_TEST(s["stop_reason"] == "done");
  BOOST_TEST(s["exit_code"] == 1);
  BOOST_TEST(s["manifest"] == nlohmann::json::array({w.manifest()}));
  BOOST_TEST(s["ledger"] == w.ledger());
  BOOST_TEST(s["started_at"].get<std::string>().ends_with("Z"));
  BOOST_TEST(s["elapsed_s"].is_number());
  const nlohmann::json jobs{{"read", 5},     {"duplicate", 1}, {"skipped", 0}, {"submitted", 3}, {"rejected", 0},
                            {"in_doubt", 0}, {"invalid", 1},   {"expired", 0}, {"pending", 0}};
  BOOST_TEST(s["jobs"] == jobs);
  BOOST_TEST(s["requests"]["sent"] == 3);
  BOOST_TEST(s["requests"]["by_status"] == nlohmann::json({{"201", 3}}));
  BOOST_TEST(s["requests"]["failed"] == 0);
  BOOST_TEST(s["quota"]["limits"] == nlohmann::json::array({"1000000/1s"}));
  BOOST_TEST(s["quota"]["waited_s"].is_number());
  BOOST_TEST(s["quota"]["paused_s"].is_number());
  for (const auto* p : {"p50", "p90", "p99", "max"})
    BOOST_TEST(s["latency_ms"][p].get<double>() > 0);
  BOOST_TEST(s["jobs_per_second"].get<double>() > 0);
  BOOST_TEST(s["estimated_cost_micros"].get<std::int64_t>() > 0);
}

BOOST_AUTO_TEST_CASE(every_format_and_standard_input_are_read) {
  const world w;
  const auto csv = std::string("input_url,output_url,job_type,input_format,output_format,input_size_bytes\n") +
                   "s3://in/a.wav,s3://out/a.mp3,audio,wav,mp3,77\n";
  write_file(w.dir / "c", csv);
  write_file(w.dir / "j", "[" + entry_text(1) + ",\n" + entry_text(2) + "]");
  const auto feed = [](int to) {
    const auto text = entries(3, 5);
    BOOST_TEST_REQUIRE(::write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  };
  const auto run = w.run(
      {"submit", w.dir / "c", w.dir / "j", "-", "--ledger", w.dir / "l", "--limit", "100/1s", "--summary", "json"},
      feed);
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["jobs"]["submitted"] == 5);
  BOOST_TEST(each_once(w.accepted(), 5));
}

BOOST_AUTO_TEST_CASE(what_is_sent_is_the_entry_as_written_with_its_defaults_behind) {
  const world w;
  const std::string entry =
      R"({ "job_type":"video","input_url":"s3://a/b","output_url":"s3://c/d",  "input_format":"mov","odd":123456789012345678901234567890.10e+1, "x":{"y":[ ]} })";
  write_file(w.manifest(), entry + "\n");
  BOOST_TEST(w.submit({"--default", "output_format=mp4", "--default", "n:=7"}).code == 0);
  const auto line = w.server().journal_lines().at(0);
  const auto body = entry.substr(0, entry.size() - 1) + R"(,"output_format":"mp4","n":7})";
  BOOST_TEST(line.find(body) != std::string::npos, line);

  // As a manifest it comes back without its defaults, so that it is the same job still.
  const auto again = w.run({"export", w.ledger(), "--as-manifest"}).out;
  BOOST_TEST(again == entry + "\n");
  write_file(w.manifest(), again);
  BOOST_TEST(w.submit({"--default", "output_format=mp4", "--default", "n:=7"}).json()["jobs"]["skipped"] == 1);
}

BOOST_AUTO_TEST_CASE(a_run_submits_what_its_manifests_hold_and_no_more) {
  const world w;
  write_file(w.manifest(), entries(0, 10));
  BOOST_TEST(w.submit({"--max-jobs", "4"}).code == 75);
  write_file(w.manifest(), entries(8, 12));
  const auto run = w.submit();
  BOOST_TEST(run.code == 0);
  BOOST_TEST(run.json()["jobs"]["submitted"] == 4);
  BOOST_TEST(w.states()["pending"] == 4);
  const auto rest = w.run({"submit", "--ledger", w.ledger(), "--limit", "100/1s", "--summary", "json"});
  BOOST_TEST(rest.code == 0, rest.err);
  BOOST_TEST(rest.json()["jobs"]["submitted"] == 4);
  BOOST_TEST(each_once(w.accepted(), 12));
}

BOOST_AUTO_TEST_CASE(limits_of_the_user_stop_early_and_resumably) {
  const world w;
  write_file(w.manifest(), entries(0, 100));
  const auto jobs = w.submit({"--max-jobs", "10"});
  BOOST_TEST(jobs.code == 75);
  BOOST_TEST(jobs.json()["stop_reason"] == "max_jobs");
  BOOST_TEST(jobs.json()["jobs"]["submitted"] == 10);
  BOOST_TEST(jobs.json()["jobs"]["pending"] == 90);

  const auto spent = jobs.json()["estimated_cost_micros"].get<double>() / 1e6;
  const auto cost = w.submit({"--max-cost", std::to_string(spent * 2)});
  BOOST_TEST(cost.code == 75);
  BOOST_TEST(cost.json()["stop_reason"] == "max_cost");
  BOOST_TEST(cost.json()["jobs"]["submitted"].get<int>() > 5);
  BOOST_TEST(cost.json()["estimated_cost_micros"].get<double>() / 1e6 <= spent * 1.001);

  const auto time = w.submit({"--max-duration", "300ms", "--limit", "1/10s"});
  BOOST_TEST(time.code == 75);
  BOOST_TEST(time.json()["stop_reason"] == "max_duration");
}

BOOST_AUTO_TEST_CASE(the_cap_on_costs_counts_what_is_in_doubt_and_what_a_kill_left_in_flight) {
  constexpr std::uint64_t price = 150; // of each of these jobs, in millionths: the service's estimate
  const world w({.faults = "lost:0.3,500+:0.1", .latency = 5ms});
  write_file(w.manifest(), entries(0, 400));
  const auto accepted = [&] { return w.server().accepted(); };
  const auto command = [&](std::uint64_t jobs, std::vector<std::string> more = {}) {
    more.insert(more.end(),
                {"--max-in-flight", "2", "--max-cost", "0." + std::to_string(1'000'000 + jobs * price).substr(1)});
    return more;
  };
  const auto submit_up_to = [&](std::uint64_t jobs, const std::vector<std::string>& more = {}) {
    const auto e = w.submit(command(jobs, more));
    BOOST_TEST(e.json()["stop_reason"] == "max_cost", e.err);
    BOOST_TEST(accepted() <= jobs);
  };
  submit_up_to(50);
  BOOST_TEST(accepted() > 45);
  submit_up_to(50);
  const auto process = w.start(w.submit_command(command(100)));
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (accepted() < 60 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  process->signal(SIGKILL);
  process->wait();
  submit_up_to(100);
  submit_up_to(130, {"--on-in-doubt", "resubmit"}); // what is sent again may cost twice
  submit_up_to(130);
  BOOST_TEST(accepted() > 110);
}

BOOST_AUTO_TEST_CASE(strict_sends_nothing_where_anything_is_wrong) {
  const world w;
  write_file(w.manifest(), entries(0, 50) + "not json\n" + entries(50, 100));
  const auto strict = w.submit({"--strict"});
  BOOST_TEST(strict.code == 65);
  BOOST_TEST(w.server().accepted() == 0);
  const auto lenient = w.submit();
  BOOST_TEST(lenient.code == 1);
  BOOST_TEST(lenient.json()["jobs"]["submitted"] == 100);
  BOOST_TEST(lenient.err.find("line 51") != std::string::npos);
  const auto invalid = w.exported({"--state", "invalid"});
  BOOST_TEST(invalid.size() == 1);
  BOOST_TEST(invalid.at(0)["line"] == 51);

  write_file(w.manifest(), entries(0, 50) + entry_text(1000) + "\n" + entries(50, 100));
  BOOST_TEST(w.submit({"--strict"}).code == 0);
  BOOST_TEST(w.states()["invalid"] == 0);
}

BOOST_AUTO_TEST_CASE(a_key_field_identifies_jobs) {
  const world w;
  const auto with_id = [](int id, const std::string& more) {
    return entry_text(1).substr(0, entry_text(1).size() - 1) + ",\"id\":" + std::to_string(id) + more + "}\n";
  };
  write_file(w.manifest(), with_id(1, "") + with_id(2, "") + with_id(1, "") + with_id(2, ",\"other\":true"));
  const auto run = w.submit({"--key", "id"});
  BOOST_TEST(run.code == 1);
  BOOST_TEST(run.json()["jobs"]["submitted"] == 2);
  BOOST_TEST(run.json()["jobs"]["duplicate"] == 1);
  BOOST_TEST(run.json()["jobs"]["invalid"] == 1);
  BOOST_TEST(w.exported({"--state", "invalid"}).at(0)["line"] == 4);
  const auto other = w.submit({"--key", "output_url"});
  BOOST_TEST(other.code == 64);
  BOOST_TEST(other.err.find("--key id") != std::string::npos, other.err);
}

BOOST_AUTO_TEST_CASE(several_limits_and_manifests_behind_options_are_understood) {
  const world w;
  write_file(w.manifest(), entries(0, 2));
  const auto run = w.run({"submit", "--limit", "100/1s", "--limit", "1000/1h", w.manifest(), "--summary", "json"});
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["quota"]["limits"] == nlohmann::json::array({"100/1s", "1000/1h"}));
}

BOOST_AUTO_TEST_CASE(what_was_spent_is_remembered_by_the_next_command) {
  const world w({.limits = {{5, 1h}}});
  write_file(w.manifest(), entries(0, 20));
  BOOST_TEST(w.submit({"--limit", "5/1h", "--max-jobs", "5"}).code == 75);
  // Another manifest, another ledger, the same account.
  write_file(w.dir / "other.jsonl", entries(100, 110));
  const auto other =
      w.run({"submit", w.dir / "other.jsonl", "--limit", "5/1h", "--max-duration", "300ms", "--summary", "json"});
  BOOST_TEST(other.code == 75);
  BOOST_TEST(other.json()["requests"]["sent"] == 0);
  BOOST_TEST(w.server().refused() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
