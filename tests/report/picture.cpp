#define BOOST_TEST_DYN_LINK
#include <mcbatch/report/picture.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace mcbatch;
using namespace mcbatch::report;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

constexpr wall_time noon{std::chrono::seconds(1705320000)};

json shown(const picture& p) {
  return json::parse(to_json(p));
}

ledger::problem_group rejected_for(std::string message, std::uint64_t jobs = 1) {
  return {ledger::problem_kind::rejected,       422, "invalid_request", std::move(message), jobs,
          {{job_key{}, "catalog.jsonl", 7, ""}}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(picture_)

BOOST_AUTO_TEST_CASE(an_empty_picture_has_every_member) {
  const auto p = shown({});
  for (const auto* name : {"version",  "ledger",        "manifests",   "more_manifests", "generated_at",
                           "live",     "running",       "ended",       "doing",          "progress",
                           "eta_s",    "waiting",       "jobs",        "conversions",    "cost",
                           "quota",    "every_request", "latency_ms",  "requests",       "ended_conversions",
                           "problems", "runs",          "earlier_runs"})
    BOOST_TEST(p.contains(name), name);
  for (const auto* name : {"survey_at", "missing"})
    BOOST_TEST(p.contains(name), name);
  BOOST_TEST(p.size() == 25u);
  BOOST_TEST(p["eta_s"].is_null());
  BOOST_TEST(p["requests"]["t"].empty());
  BOOST_TEST(to_json({}).find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(progress_is_of_jobs_until_none_is_left_and_then_of_what_is_followed) {
  picture p;
  p.jobs[job_state::pending] = 40;
  p.jobs[job_state::submitted] = 50;
  p.jobs[job_state::rejected] = 10;
  p.conversions[conversion_state::completed] = 20;
  p.conversions[conversion_state::pending] = 30;
  BOOST_TEST(shown(p)["progress"].dump() == R"({"all":100,"done":60,"of":"jobs"})");
  p.jobs[job_state::pending] = 0;
  BOOST_TEST(shown(p)["progress"].dump() == R"({"all":50,"done":20,"of":"conversions"})");
  p.missing = 30; // nobody can wait for their ends
  BOOST_TEST(shown(p)["progress"].dump() == R"({"all":20,"done":20,"of":"conversions"})");
  p.missing = 0;
  p.conversions[conversion_state::completed] = 0;
  p.conversions[conversion_state::pending] = 50;
  BOOST_TEST(shown(p)["progress"].dump() == R"({"all":60,"done":60,"of":"jobs"})");
}

BOOST_AUTO_TEST_CASE(of_the_runs_that_have_no_end_only_the_one_that_holds_the_ledger_goes_on) {
  picture p;
  p.running = true;
  p.runs = {{noon, std::nullopt, "killed", "", ledger::run_kind::submit},
            {noon + 1h, std::nullopt, "", "", ledger::run_kind::track}};
  auto runs = shown(p)["runs"];
  BOOST_TEST(runs[0]["kind"] == "submit");
  BOOST_TEST(runs[0]["going_on"] == false);
  BOOST_TEST(runs[1]["kind"] == "track");
  BOOST_TEST(runs[1]["going_on"] == true);
  p.running = false; // it has died as well, and nobody has written that down so far
  BOOST_TEST(shown(p)["runs"][1]["going_on"] == false);
}

BOOST_AUTO_TEST_CASE(series_are_columns_of_one_length) {
  picture p;
  p.limits = {{{200, 60s}, 17}};
  p.requests = {noon,    10s,    {3, 0}, {1, 1}, {0, 0},
                {1, 0},  {0, 0}, {0, 0}, {0, 5}, {latency_figures{1500us, 2ms, 3ms, 4ms}, std::nullopt},
                {{3, 3}}};
  const auto all = shown(p);
  BOOST_TEST(all["quota"]["limits"][0].dump() == R"({"limit":"200/60s","requests":200,"used_now":17,"window_s":60.0})");
  const auto& r = all["requests"];
  BOOST_TEST(r["t"].dump() == "[1705320000,1705320010]");
  BOOST_TEST(r["accepted"].dump() == "[1,1]");
  BOOST_TEST(r["told"].dump() == "[0,5]");
  BOOST_TEST(r["p50_ms"].dump() == "[1.5,null]");
  BOOST_TEST(r["windows"].dump() == "[[3,3]]");
}

BOOST_AUTO_TEST_CASE(problems_come_by_kind_with_what_to_do_and_their_sum) {
  picture p;
  p.ledger = "my catalog.ledger";
  p.problems.groups = {rejected_for("format", 5),
                       rejected_for("size", 2),
                       {ledger::problem_kind::in_doubt, 0, "interrupted", "", 1, {}}};
  p.problems.others = {{ledger::problem_kind::rejected, 3, 4}};
  const auto problems = shown(p)["problems"];
  BOOST_TEST_REQUIRE(problems.size() == 2u);
  BOOST_TEST(problems[0]["kind"] == "rejected");
  BOOST_TEST(problems[0]["jobs"] == 11);
  BOOST_TEST(problems[0]["more_groups"] == 3);
  BOOST_TEST(problems[0]["groups"][0]["first"][0]["line"] == 7);
  BOOST_TEST(problems[0]["advice"][1]["command"] ==
             "mcbatch retry 'my catalog.ledger' --rejected && mcbatch submit --ledger 'my catalog.ledger'");
  BOOST_TEST(problems[1]["advice"][0]["command"] == "mcbatch reconcile 'my catalog.ledger'");
  BOOST_TEST(problems[1]["groups"][0]["message"].is_null());
}

BOOST_AUTO_TEST_CASE(no_signature_of_a_url_gets_in) {
  picture p;
  const std::string url = "https://u:p4ss@in.example.com/a?X-Amz-Signature=5ec7e7&x=1";
  p.problems.groups = {rejected_for("cannot read " + url), rejected_for("no")};
  p.problems.groups[1].error = url;
  p.problems.groups[1].first[0].manifest = url;
  p.costs = {{url, conversion_state::pending, 1, 0, 0, 0}};
  p.runs = {{noon, noon, url, "{}"}};
  const auto text = to_json(p);
  BOOST_TEST(text.find("5ec7e7") == std::string::npos, text);
  BOOST_TEST(text.find("p4ss") == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(costs_are_exact_and_those_of_few_jobs_may_be_in_the_sums_alone) {
  picture p;
  for (int i = 0; i < 150; ++i)
    p.costs.push_back(
        {"type " + std::to_string(i), conversion_state::completed, i < 120 ? 2U : 1U, 9'007'199'254'740, 1, 1});
  const auto cost = shown(p)["cost"];
  BOOST_TEST(cost["estimated_micros"] == 150 * std::int64_t{9'007'199'254'740});
  BOOST_TEST(cost["final_jobs"] == 150);
  BOOST_TEST(cost["by"].size() == 100u);
  BOOST_TEST(cost["more_lines"] == 50);
  for (const auto& line : cost["by"])
    BOOST_TEST(line["jobs"] == 2);
}

BOOST_AUTO_TEST_CASE(the_costs_of_most_jobs_are_listed_wherever_they_stand) {
  picture p;
  for (int i = 0; i < 150; ++i)
    p.costs.push_back({"type " + std::to_string(i), conversion_state::completed, 2, 1, 0, 0});
  p.costs.front().jobs = 1;
  p.costs.back().jobs = 1'000'000;
  const auto by = shown(p)["cost"]["by"];
  BOOST_TEST(by.size() == 100u);
  BOOST_TEST(by[0]["job_type"] == "type 1");
  BOOST_TEST(by[98]["job_type"] == "type 99");
  BOOST_TEST(by[99]["job_type"] == "type 149");
  BOOST_TEST(by[99]["jobs"] == 1'000'000);
}

/// All that a hostile manifest and service can fill it with.
BOOST_AUTO_TEST_CASE(its_size_is_bounded) {
  picture p;
  const std::string tail(10'000, '"');
  p.ledger = "l";
  for (int i = 0; i < 1000; ++i) {
    p.manifests.push_back(tail);
    p.runs.push_back({noon, noon, tail, "{" + tail});
    p.costs.push_back({std::to_string(i) + tail, conversion_state::failed, 1, 1, 1, 1});
  }
  for (int i = 0; i < 140; ++i) {
    auto g = rejected_for(std::to_string(i) + tail);
    g.error = tail;
    g.first.assign(3, {job_key{}, tail, 1, tail});
    p.problems.groups.push_back(g);
  }
  const auto text = to_json(p);
  BOOST_TEST(text.size() < 700'000u);
  const auto all = json::parse(text);
  BOOST_TEST(all["manifests"].size() + all["more_manifests"].get<std::size_t>() == 1000u);
  BOOST_TEST(all["runs"].size() + all["earlier_runs"].get<std::size_t>() == 1000u);
  BOOST_TEST(all["manifests"][0].get<std::string>().size() < 300u);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_do_not_break_it_and_a_character_is_not_cut) {
  picture p;
  p.ledger = "\xff\xfe";
  std::string umlauts = "x";
  for (int i = 0; i < 400; ++i)
    umlauts += "\u00e4";
  p.manifests = {umlauts + ".jsonl"};
  const auto all = shown(p);
  const auto name = all["manifests"][0].get<std::string>();
  BOOST_TEST(name.find("\ufffd") == std::string::npos);
  BOOST_TEST(name.ends_with("\u00e4.jsonl"));
}

BOOST_AUTO_TEST_CASE(a_run_has_the_numbers_of_its_summary_if_that_can_be_read) {
  picture p;
  p.runs = {{noon, noon + 1h, "done", R"({"jobs":{"submitted":7},"requests":{"sent":9}})"},
            {noon, std::nullopt, "", ""},
            {noon, noon, "signal", R"({"jobs":{"submitted":"many"}})"}};
  const auto runs = shown(p)["runs"];
  BOOST_TEST(
      runs[0].dump() ==
      R"({"ended_at":1705323600.0,"going_on":false,"kind":"submit","requests":9,"started_at":1705320000.0,"stop_reason":"done","submitted":7})");
  BOOST_TEST(runs[1]["ended_at"].is_null());
  BOOST_TEST(runs[1]["stop_reason"].is_null());
  BOOST_TEST(runs[2]["submitted"].is_null());
}

BOOST_AUTO_TEST_SUITE_END()
