#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>
#include <csignal>
#include <thread>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(cli_commands)

BOOST_AUTO_TEST_CASE(every_command_has_help_with_examples) {
  const world w;
  for (const auto* command :
       {"submit", "check", "status", "export", "retry", "reconcile", "account", "bench", "sandbox"}) {
    const auto help = mcbatch_process({command, "--help"}, w.environment).wait();
    BOOST_TEST(help.code == 0);
    BOOST_TEST(help.out.find("mcbatch " + std::string(command)) != std::string::npos, help.out);
  }
  BOOST_TEST(mcbatch_process({"--version"}, w.environment).wait().out.starts_with("mcbatch "));
}

BOOST_AUTO_TEST_CASE(check_counts_and_lists_and_sends_nothing) {
  const world w;
  write_file(w.manifest(), entries(0, 250) + entries(0, 5) +
                               R"({"job_type":"video","input_url":"x.mp4","output_url":1,"input_format":"a"})" + "\n");
  const auto run = w.run({"check", w.manifest(), "--json"});
  BOOST_TEST(run.code == 65);
  const auto found = run.json();
  BOOST_TEST(found["entries"] == 256);
  BOOST_TEST(found["valid"] == 250);
  BOOST_TEST(found["duplicate"] == 5);
  BOOST_TEST(found["invalid"] == 1);
  BOOST_TEST(found["expiring"] == 0);
  BOOST_TEST(found["problems"].size() == 3);
  BOOST_TEST(found["problems"][0]["line"] == 256);
  // 250 jobs: on free two whole hours and 50 more at 10 a minute, the last of them 4 minutes in; and in between a
  // little for clocks that drift, and a round trip.
  BOOST_TEST(found["estimate_s"]["free"] == 2 * 3602 + 4 * 60 + 1);
  BOOST_TEST(found["estimate_s"]["basic"] == 4 * 60 + 1);
  BOOST_TEST(found["estimate_s"]["pro"] == 60 + 1);
  BOOST_TEST(found["estimate_s"]["enterprise"] == 1);
  const auto text = w.run({"check", w.manifest()});
  BOOST_TEST(text.out.find("line 256: ") != std::string::npos, text.out);
  BOOST_TEST(text.out.find("takes about 2 h 4 min on free, 4 min on basic, 60 s on pro, ") != std::string::npos,
             text.out);
  write_file(w.manifest(), entries(0, 3));
  BOOST_TEST(w.run({"check", w.manifest()}).code == 0);
}

BOOST_AUTO_TEST_CASE(export_gives_one_record_a_job_in_manifest_order) {
  const world w({.faults = "422@2"});
  write_file(w.manifest(), entries(0, 3) + "{}\n" + entries(3, 4));
  BOOST_TEST(w.submit({"--max-in-flight", "1"}).code == 1);
  const auto records = w.exported();
  BOOST_TEST(records.size() == 5);
  for (std::size_t i = 0; i < records.size(); ++i)
    BOOST_TEST(records[i]["line"] == i + 1);
  BOOST_TEST(records[0]["state"] == "submitted");
  BOOST_TEST(records[0]["job_id"].get<std::string>().starts_with("job_"));
  BOOST_TEST(records[0]["http_status"] == 201);
  BOOST_TEST(records[0]["output_url"] == "https://out.example.com/0.mp4");
  BOOST_TEST(records[0]["submitted_at"].get<std::string>().ends_with("Z"));
  BOOST_TEST(records[0]["estimated_cost_micros"].is_number());
  BOOST_TEST(records[0]["job_type"] == "video");
  BOOST_TEST(records[0]["conversion"] == "pending");
  BOOST_TEST(records[1]["conversion"].is_null());
  BOOST_TEST(records[1]["state"] == "rejected");
  BOOST_TEST(records[1]["http_status"] == 422);
  BOOST_TEST(records[3]["state"] == "invalid");
  BOOST_TEST(w.exported({"--state", "rejected,invalid"}).size() == 2);

  const auto csv = w.run({"export", w.ledger(), "--format", "csv", "-o", w.dir / "out.csv"});
  BOOST_TEST(csv.code == 0);
  const auto table = read_file(w.dir / "out.csv");
  BOOST_TEST(
      table.starts_with("key,manifest,line,state,job_id,http_status,error,message,attempts,submitted_at,"
                        "estimated_cost_micros,input_url,output_url,job_type,conversion,progress_percent,final_cost_"
                        "micros,processing_s,output_bytes,conversion_error,conversion_message,ended_at\r\n"),
      table);
  BOOST_TEST(std::count(table.begin(), table.end(), '\n') == 6);

  const auto retried = w.run({"retry", w.ledger(), "--rejected", "--key", records[1]["key"].get<std::string>()});
  BOOST_TEST(retried.out.starts_with("1 put back"), retried.out);
  BOOST_TEST(w.run({"submit", "--ledger", w.ledger(), "--limit", "100/1s"}).code == 1); // one is invalid still
  BOOST_TEST(w.states()["submitted"] == 4);
}

BOOST_AUTO_TEST_CASE(status_can_be_read_while_a_run_goes_on) {
  const world w({.latency = 100ms});
  write_file(w.manifest(), entries(0, 1000));
  const auto p = w.start(w.submit_command({"--max-in-flight", "2"}));
  while (w.server().accepted() < 4)
    std::this_thread::sleep_for(1ms);
  const auto during = w.run({"status", w.ledger(), "--json"});
  BOOST_TEST(during.code == 0, during.err);
  BOOST_TEST(during.json()["running"] == true);
  BOOST_TEST(during.json()["jobs"]["submitted"].get<int>() > 0);
  p->signal(SIGKILL);
  p->wait();
  BOOST_TEST(w.run({"status", w.ledger(), "--json"}).json()["running"] == false);
  BOOST_TEST(w.run({"status", w.dir / "none"}).code == 66);
  BOOST_TEST(w.run({"export", w.dir / "none"}).code == 66);
}

BOOST_AUTO_TEST_CASE(a_run_is_on_record_before_anything_came_to_be_read_and_if_nothing_comes) {
  const world w;
  const auto status = [&w] { return w.run({"status", w.dir / "l", "--json"}); };
  const auto watch = [&](int) {
    nlohmann::json during;
    for (int i = 0; i < 200 && !during["last_run"].is_object(); ++i) {
      std::this_thread::sleep_for(50ms);
      const auto seen = status(); // before there is a ledger it fails
      if (seen.code == 0) during = seen.json();
    }
    BOOST_TEST(during["running"] == true);
    BOOST_TEST_REQUIRE(during["last_run"].is_object());
    BOOST_TEST(during["last_run"]["ended_at"].is_null());
  };
  const std::vector<std::string> submit{"submit", "-", "--ledger", w.dir / "l"};
  w.run(submit, watch);
  const auto first = status().json()["last_run"];
  BOOST_TEST(first["ended_at"].is_string());
  w.run(submit); // which is over at once
  const auto second = status().json()["last_run"];
  BOOST_TEST(second["ended_at"].is_string());
  BOOST_TEST(second["started_at"] != first["started_at"]);
  auto at_once = submit;
  at_once.insert(at_once.end(), {"--max-duration", "20ms"});
  w.run(at_once, [](int) { std::this_thread::sleep_for(600ms); }); // nothing comes while it lives
  BOOST_TEST(status().json()["last_run"]["stop_reason"] == "max_duration");
}

/// Five in an hour are sent at once, and then status says until when the hour is waited for: while the run is running,
/// and no longer.
BOOST_AUTO_TEST_CASE(status_says_which_window_binds_and_until_when) {
  const world w;
  write_file(w.manifest(), entries(0, 10));
  const auto p = w.start({"submit", w.manifest(), "--limit", "5/1h"});
  nlohmann::json during;
  for (int i = 0; i < 200 && during["waiting"].is_null(); ++i) {
    std::this_thread::sleep_for(50ms);
    const auto status = w.run({"status", w.ledger(), "--json"}); // before there is a ledger it fails
    if (status.code == 0) during = status.json();
  }
  BOOST_TEST_REQUIRE(during["waiting"].is_object());
  BOOST_TEST(during["waiting"]["for"] == "window");
  BOOST_TEST(during["waiting"]["window"] == "5/1h");
  BOOST_TEST(during["waiting"]["until"].get<std::string>() > during["last_run"]["started_at"].get<std::string>());
  BOOST_TEST(during["waiting"]["until"].get<std::string>().ends_with("Z"));
  const auto text = w.run({"status", w.ledger()}).out;
  BOOST_TEST(text.find("waiting for the quota of 5/1h until ") != std::string::npos, text);
  p->signal(SIGKILL);
  p->wait();
  BOOST_TEST(w.run({"status", w.ledger(), "--json"}).json()["waiting"].is_null());
  BOOST_TEST(w.run({"status", w.ledger()}).out.find("waiting") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_result_that_cannot_be_written_is_no_success) {
  const world w;
  write_file(w.manifest(), entries(0, 3));
  BOOST_TEST(w.submit().code == 0);
  for (const auto* command : {"status", "export"}) {
    const auto line = std::string("exec " MCBATCH_PROGRAM " ") + command + " " + w.ledger() + " >/dev/full";
    const auto run = mcbatch_process::shell(line, w.environment).wait();
    BOOST_TEST(run.code == 74, run.err);
    BOOST_TEST(run.err.find("standard output") != std::string::npos, run.err);
  }
}

BOOST_AUTO_TEST_CASE(account_tells_tier_and_credit) {
  const world w;
  const auto text = w.run({"account"});
  BOOST_TEST(text.code == 0, text.err);
  BOOST_TEST(text.out.find("token is good") != std::string::npos);
  BOOST_TEST(w.run({"account", "--json"}).json()["tier"] == "free");
}

/// The sandbox as its own program: it prints its address once it accepts, and its journal is on disk before an answer.
BOOST_AUTO_TEST_CASE(the_sandbox_command_serves) {
  const world w;
  write_file(w.manifest(), entries(0, 20));
  mcbatch_process sandbox({"sandbox", "--listen", "127.0.0.1:0", "--tls-dir", w.dir / "tls", "--tier", "pro", "--token",
                           "t", "--journal", w.dir / "journal"},
                          {});
  std::string address;
  for (int i = 0; address.empty() && i < 5000; ++i) {
    std::this_thread::sleep_for(2ms);
    const auto out = sandbox.output_so_far();
    if (out.starts_with("listening on ") && out.ends_with("\n")) address = out.substr(13, out.size() - 14);
  }
  auto environment = w.environment;
  environment["MEDIACONVERT_API_TOKEN"] = "t";
  environment["MEDIACONVERT_BASE_URL"] = address;
  const auto run =
      mcbatch_process({"submit", w.manifest(), "--ca-file", w.dir / "tls/ca.pem", "--summary", "json"}, environment)
          .wait();
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["quota"]["tier"] == "pro"); // by its headers
  const auto journal = read_file(w.dir / "journal");
  BOOST_TEST(std::count(journal.begin(), journal.end(), '\n') == 20);
  sandbox.signal(SIGTERM);
  BOOST_TEST(sandbox.wait().code == 0);
}

BOOST_AUTO_TEST_CASE(a_proxy_of_the_environment_is_used_and_exempted) {
  world w;
  write_file(w.manifest(), entries(0, 2));
  w.environment["HTTPS_PROXY"] = "http://127.0.0.1:9"; // nobody listens there
  const auto proxied = w.submit({"--max-outage", "300ms"});
  BOOST_TEST(proxied.code == 69, proxied.err);
  w.environment["NO_PROXY"] = "localhost,127.0.0.1";
  BOOST_TEST(w.submit().code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
