#define BOOST_TEST_DYN_LINK
#include <mcbatch/ledger/store.hpp>
#include <mcbatch/report/costs.hpp>
#include <mcbatch/report/ledger_picture.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <numeric>

using namespace mcbatch;
using namespace mcbatch::report;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{std::chrono::seconds(1705320000)};

struct ledger_fixture {
  ledger_fixture() {
    auto name = (std::filesystem::temp_directory_path() / "mcbatch-picture-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = name;
    path = folder / "a.ledger";
    store.emplace(ledger::store::create_or_open(path, {}).value());
  }
  ~ledger_fixture() {
    store.reset();
    std::error_code left_over;
    std::filesystem::remove_all(folder, left_over);
  }
  ledger_fixture(const ledger_fixture&) = delete;
  ledger_fixture& operator=(const ledger_fixture&) = delete;

  void change(const std::function<void(ledger::store&)>& work) { store->transact(work).value(); }

  std::int64_t import(std::uint8_t n) {
    std::int64_t id = 0;
    change([&](ledger::store& l) {
      job_key key;
      key.bytes[0] = n;
      ledger::new_entry entry{key, key, "{}", l.manifest("a.jsonl"), n};
      entry.job_type = "video";
      id = l.import(entry).id;
    });
    return id;
  }

  /// Sent so long after noon, and answered 300 ms later.
  std::int64_t send(std::uint8_t n, duration after, job_state state, int status) {
    const auto id = import(n);
    const auto at = std::chrono::time_point_cast<wall_time::duration>(noon + after);
    change([&](ledger::store& l) {
      l.begin(id, at);
      ledger::verdict v;
      v.state = state;
      v.what.http_status = status;
      v.what.estimated_cost_micros = 100;
      v.what.job_id = "job_" + std::to_string(n);
      v.at = at + 300ms;
      l.finish(id, v);
    });
    return id;
  }

  picture look(wall_time now = noon + 1h) {
    auto r = ledger::reading::open(path).value();
    return picture_of(r, path, now).value();
  }

  std::filesystem::path folder, path;
  std::optional<ledger::store> store;
};

std::uint64_t sum(const std::vector<std::uint64_t>& column) {
  return std::accumulate(column.begin(), column.end(), std::uint64_t{0});
}

const std::string summary = R"({"quota":{"tier":"pro","limits":["200/60s","10000/1h"]}})";

} // namespace

BOOST_FIXTURE_TEST_SUITE(ledger_picture, ledger_fixture)

BOOST_AUTO_TEST_CASE(a_ledger_is_shown_as_it_stands) {
  change([](ledger::store& l) { l.begin_run(noon); });
  const auto first = send(1, 0s, job_state::submitted, 201);
  send(2, 10s, job_state::submitted, 201);
  send(3, 20s, job_state::rejected, 422);
  send(4, 30s, job_state::in_doubt, 500);
  send(5, 40s, job_state::pending, 429);
  send(6, 50s, job_state::pending, 503);
  import(7);
  change([&](ledger::store& l) {
    conversion c;
    c.state = conversion_state::completed;
    c.cost_micros = 70;
    c.ended_at = noon + 90s;
    l.follow(first, c, noon + 2min);
  });
  change([](ledger::store& l) { l.end_run(noon + 1min, "signal", summary); });
  BOOST_TEST_REQUIRE(store->close().has_value());
  store.reset();

  const auto p = look();
  BOOST_TEST(p.jobs.total() == 7u);
  BOOST_TEST(!p.running);
  BOOST_TEST((p.doing == activity::nothing));
  BOOST_TEST((p.manifests == std::vector<std::string>{"a.jsonl"}));
  BOOST_TEST(sum(p.requests.sent) == 6u);
  BOOST_TEST(sum(p.requests.accepted) == 2u);
  BOOST_TEST(sum(p.requests.rejected) == 1u);
  BOOST_TEST(sum(p.requests.in_doubt) == 1u);
  BOOST_TEST(sum(p.requests.rate_limited) == 1u);
  BOOST_TEST(sum(p.requests.put_back) == 1u);
  BOOST_TEST((p.latency->max == 300ms));
  BOOST_TEST(sum(p.ended_conversions.completed) == 1u);
  BOOST_TEST((p.ended_conversions.start == noon + 90s));
  BOOST_TEST(p.tier == "pro");
  BOOST_TEST_REQUIRE(p.limits.size() == 2u);
  BOOST_TEST((p.limits[0].rule == quota::limit{200, 60s}));
  BOOST_TEST_REQUIRE(p.requests.windows.size() == 2u);
  BOOST_TEST(p.requests.windows[0].back() == 6u);
  BOOST_TEST(p.problems.groups.size() == 2u);
  BOOST_TEST(sum_of(p.costs).estimated_micros == 200);
  BOOST_TEST(sum_of(p.costs).final_micros == 70);
  BOOST_TEST(p.runs.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_run_is_sending_is_no_problem_before_the_run_is_dead) {
  change([](ledger::store& l) { l.begin_run(noon); });
  const auto id = import(1);
  change([&](ledger::store& l) { l.begin(id, noon); });
  change([](ledger::store& l) { l.note_wait(ledger::wait_note{"window", "200/60s", noon + 2h}); });
  const auto p = look();
  BOOST_TEST(p.running);
  BOOST_TEST((p.doing == activity::submitting));
  BOOST_TEST(p.problems.groups.empty());
  BOOST_TEST(p.waiting.value().sentence == "waiting for the quota of 200/60s");
  BOOST_TEST((p.waiting->until == noon + 2h));
  BOOST_TEST(!look(noon + 3h).waiting.has_value());
  store.reset(); // as a crash leaves it
  const auto dead = look();
  BOOST_TEST(!dead.running);
  BOOST_TEST(!dead.waiting.has_value());
  BOOST_TEST(dead.problems.groups.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_goes_on_is_what_the_run_that_holds_the_ledger_is_for) {
  change([](ledger::store& l) { l.begin_run(noon); });
  store.reset(); // killed
  store = ledger::store::create_or_open(path, {}).value();
  BOOST_TEST((look().doing == activity::nothing)); // who holds it is no run, or not on record yet
  BOOST_TEST(!look().runs.back().goes_on());
  change([](ledger::store& l) { l.begin_run(noon + 1min, ledger::run_kind::track); });
  const auto p = look();
  BOOST_TEST((p.doing == activity::tracking));
  BOOST_TEST_REQUIRE(p.runs.size() == 2u);
  BOOST_TEST(p.runs[0].stop_reason == "killed");
  BOOST_TEST(!p.runs[0].goes_on());
  BOOST_TEST(p.runs[1].goes_on());
}

BOOST_AUTO_TEST_CASE(a_job_settled_by_proof_has_no_latency) {
  const auto id = send(1, 0s, job_state::in_doubt, 500);
  change([&](ledger::store& l) {
    outcome what;
    what.http_status = 200;
    what.job_id = "job_1";
    job_key key;
    key.bytes[0] = 1;
    l.settle(key, what);
    BOOST_TEST(l.counts()[job_state::submitted] == 1u);
  });
  BOOST_TEST(id == 1);
  const auto p = look();
  BOOST_TEST(sum(p.requests.accepted) == 1u);
  BOOST_TEST(!p.latency.has_value());
}

BOOST_AUTO_TEST_CASE(times_of_a_wrong_clock_do_not_stretch_the_charts) {
  change([](ledger::store& l) { l.begin_run(noon); });
  send(1, -noon.time_since_epoch() + 3min, job_state::submitted, 201); // 1970
  const auto second = send(2, 10s, job_state::submitted, 201);
  send(3, 20s, job_state::rejected, 422);
  send(4, 24h * 3650, job_state::submitted, 201);
  conversion c;
  c.state = conversion_state::completed;
  c.ended_at = noon + 24h * 36500; // the service says so
  change([&](ledger::store& l) { l.follow(second, c, noon + 2min); });
  const auto p = look();
  BOOST_TEST((p.requests.slice == 1s));
  BOOST_TEST((p.requests.start == noon + 10s));
  BOOST_TEST(sum(p.requests.sent) == 2u);
  BOOST_TEST(sum(p.requests.accepted) == 1u);
  BOOST_TEST(p.requests.left_out == 2u);
  BOOST_TEST(p.jobs[job_state::submitted] == 3u); // only the charts lack them
  BOOST_TEST(sum(p.ended_conversions.completed) == 1u);
  BOOST_TEST((p.ended_conversions.start <= noon + 2h));
}

BOOST_AUTO_TEST_CASE(a_first_run_whose_own_clock_was_wrong_does_not_empty_the_charts) {
  for (const auto began : {wall_time{}, noon + 24h * 3650}) {
    change([&](ledger::store& l) { l.begin_run(began); });
    change([&](ledger::store& l) { l.end_run(began, "done", ""); });
  }
  send(1, 10s, job_state::submitted, 201);
  BOOST_TEST(sum(look().requests.sent) == 1u);
  change([](ledger::store& l) { l.begin_run(noon); });
  BOOST_TEST(sum(look().requests.sent) == 1u);
  BOOST_TEST(look().requests.left_out == 0u);
}

BOOST_AUTO_TEST_CASE(limits_are_those_of_the_last_run_that_has_some_and_a_tier_only_with_its_own) {
  const auto run = [](std::string text) { return ledger::run_record{noon, noon, "done", std::move(text)}; };
  BOOST_TEST(quota_of({run(summary), run("")}).limits.size() == 2u);
  BOOST_TEST(quota_of({run(summary), run(R"({"quota":{"tier":"pro","limits":["7/1s"]}})")}).limits.size() == 1u);
  BOOST_TEST(quota_of({run(R"({"quota":{"tier":"pro","limits":["7/1s"]}})")}).tier == "");
  for (const auto* odd : {"", "[]", "{", R"({"quota":7})", R"({"quota":{"limits":"200/60s"}})",
                          R"({"quota":{"limits":[7,null,"x","0/0s"],"tier":7}})"})
    BOOST_TEST(quota_of({run(odd)}).limits.empty(), odd);
  BOOST_TEST(quota_of({}).limits.empty());
}

BOOST_AUTO_TEST_CASE(an_empty_ledger_has_a_picture_too) {
  const auto p = look();
  BOOST_TEST(p.jobs.total() == 0u);
  BOOST_TEST(p.requests.sent.empty());
  BOOST_TEST(to_json(p).size() > 100u);
}

BOOST_AUTO_TEST_SUITE_END()
