#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "support.hpp"

#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::ledger::test {
namespace {

using namespace std::chrono_literals;

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
};

verdict refused(std::string message, wall_time at = noon + 1s) {
  auto v = verdict_of(meaning::refused);
  v.what.http_status = 422;
  v.what.error = "invalid_request";
  v.what.message = std::move(message);
  v.at = at;
  return v;
}

verdict accepted(std::string job_id, wall_time at) {
  auto v = verdict_of(meaning::accepted);
  v.what.http_status = 201;
  v.what.job_id = std::move(job_id);
  v.at = at;
  return v;
}

void try_one(store& s, std::uint64_t n, wall_time sent, const verdict& v) {
  const auto id = import_one(s, n).id;
  change(s, [&](store& l) {
    l.begin(id, sent);
    l.finish(id, v);
  });
}

conversion ended_as(conversion_state state, std::optional<wall_time> at, std::string error = {}) {
  conversion c;
  c.state = state;
  c.ended_at = at;
  c.error = std::move(error);
  return c;
}

std::vector<try_record> tries_of(const std::filesystem::path& path) {
  auto r = must(reading::open(path));
  std::vector<try_record> tries;
  must(r.visit_tries([&](const try_record& t) { tries.push_back(t); }));
  return tries;
}

/// What an earlier mcbatch left.
void forget_conversions(const std::filesystem::path& path) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  const auto* text = "DROP TABLE conversions; DROP TABLE job_types; DROP TABLE early_events; "
                     "DROP TABLE missing; ALTER TABLE jobs DROP COLUMN type; ALTER TABLE runs DROP COLUMN kind";
  BOOST_TEST_REQUIRE(sqlite3_exec(db, text, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(pictures, ledger_fixture)

BOOST_AUTO_TEST_CASE(tries_come_in_the_order_of_sending_and_only_those_that_were_sent) {
  auto s = open_store(path);
  try_one(s, 1, noon + 5s, accepted("job_1", noon + 6s));
  try_one(s, 2, noon, refused("no"));
  import_one(s, 3);
  const auto tries = tries_of(path);
  BOOST_TEST_REQUIRE(tries.size() == 2u);
  BOOST_TEST((tries[0].sent_at == noon));
  BOOST_TEST((tries[0].answered_at == noon + 1s));
  BOOST_TEST(tries[0].http_status == 422);
  BOOST_TEST(tries[0].state == job_state::rejected);
  BOOST_TEST(tries[1].state == job_state::submitted);
  BOOST_TEST(!tries[1].ended_at.has_value());
}

BOOST_AUTO_TEST_CASE(an_end_by_a_wrong_clock_is_not_before_the_sending_nor_after_it_was_heard) {
  auto s = open_store(path);
  const std::optional<wall_time> said[] = {noon + 10s, noon - 24h * 365, noon + 24h * 365, std::nullopt};
  for (std::uint64_t n = 0; n < std::size(said); ++n) {
    try_one(s, n + 1, noon, accepted("job_" + std::to_string(n), noon + 1s));
    change(s, [&](store& l) {
      l.follow(static_cast<std::int64_t>(n + 1), ended_as(conversion_state::completed, said[n]), noon + 60s);
    });
  }
  const wall_time expected[] = {noon + 10s, noon, noon + 60s, noon + 60s};
  const auto tries = tries_of(path);
  BOOST_TEST_REQUIRE(tries.size() == std::size(expected));
  for (std::size_t i = 0; i < tries.size(); ++i)
    BOOST_TEST((tries[i].ended_at == expected[i]), "job " << i);
}

BOOST_AUTO_TEST_CASE(problems_are_grouped_by_their_reason_the_largest_first) {
  auto s = open_store(path);
  try_one(s, 1, noon, refused("format"));
  for (std::uint64_t n = 2; n <= 6; ++n)
    try_one(s, n, noon, refused("size"));
  try_one(s, 7, noon, accepted("job_7", noon));
  change(s, [](store& l) { l.follow(7, ended_as(conversion_state::failed, noon, "CORRUPT"), noon); });
  change(s, [](store& l) {
    const bad_field problems[] = {{"output_url", "output_url is missing"}, {"", "and more"}};
    l.import_bad({l.manifest("b.jsonl"), 70, "{}", problems});
  });
  bring_to(s, import_one(s, 9).id, job_state::sending);
  const auto all = must(must(reading::open(path)).problems(10, 3));
  BOOST_TEST(all.others.empty());
  BOOST_TEST_REQUIRE(all.groups.size() == 5u);
  const auto& size = all.groups[0];
  BOOST_TEST((size.kind == problem_kind::rejected));
  BOOST_TEST(size.message == "size");
  BOOST_TEST(size.http_status == 422);
  BOOST_TEST(size.jobs == 5u);
  BOOST_TEST_REQUIRE(size.first.size() == 3u);
  BOOST_TEST((size.first[0].key == key_of(2)));
  BOOST_TEST(size.first[2].line == 4u);
  BOOST_TEST(all.groups[1].jobs == 1u);
  BOOST_TEST((all.groups[2].kind == problem_kind::sending));
  const auto& bad = all.groups[3];
  BOOST_TEST((bad.kind == problem_kind::invalid));
  BOOST_TEST(bad.error == "output_url");
  BOOST_TEST(bad.message == "output_url is missing"); // an entry counts once
  BOOST_TEST(bad.jobs == 1u);
  BOOST_TEST(bad.first.at(0).manifest == "b.jsonl");
  BOOST_TEST(bad.first.at(0).line == 70u);
  BOOST_TEST(!bad.first.at(0).key.has_value());
  BOOST_TEST((all.groups[4].kind == problem_kind::failed));
  BOOST_TEST(all.groups[4].error == "CORRUPT");
  BOOST_TEST(all.groups[4].first.at(0).job_id == "job_7");
}

BOOST_AUTO_TEST_CASE(of_many_reasons_the_commonest_are_kept_and_the_rest_is_counted) {
  auto s = open_store(path);
  for (std::uint64_t n = 1; n <= 20; ++n)
    try_one(s, n, noon, refused("no " + std::to_string(n)));
  for (std::uint64_t n = 21; n <= 22; ++n)
    try_one(s, n, noon, refused("the common one"));
  const auto all = must(must(reading::open(path)).problems(3, 1));
  BOOST_TEST_REQUIRE(all.groups.size() == 3u);
  BOOST_TEST(all.groups[0].message == "the common one");
  BOOST_TEST(all.groups[0].jobs == 2u);
  BOOST_TEST_REQUIRE(all.others.size() == 1u);
  BOOST_TEST(all.others[0].groups == 18u);
  BOOST_TEST(all.others[0].jobs == 18u);
}

BOOST_AUTO_TEST_CASE(a_ledger_of_an_earlier_version_has_tries_and_problems_too) {
  {
    auto s = open_store(path);
    try_one(s, 1, noon, accepted("job_1", noon));
    try_one(s, 2, noon, refused("no"));
    change(s, [](store& l) { l.begin_run(noon); });
    must(s.close());
  }
  forget_conversions(path);
  BOOST_TEST(tries_of(path).size() == 2u);
  const auto all = must(must(reading::open(path)).survey(10, 3));
  BOOST_TEST(all.problems.groups.size() == 1u);
  BOOST_TEST(all.missing == 0u);
  BOOST_TEST_REQUIRE(all.runs.size() == 1u);
  BOOST_TEST((all.runs[0].kind == run_kind::submit));
  auto s = open_store(path);
  change(s, [](store& l) { l.begin_run(noon + 1h, run_kind::track); });
  const auto runs = must(must(reading::open(path)).runs());
  BOOST_TEST(runs.at(0).stop_reason == "killed");
  BOOST_TEST((runs.at(1).kind == run_kind::track));
}

BOOST_AUTO_TEST_CASE(a_look_beside_the_store_sees_what_is_committed_and_keeps_its_lock) {
  auto s = open_store(path);
  import_one(s, 1);
  for (int looks = 0; looks < 50; ++looks) {
    auto r = must(reading::beside(path));
    BOOST_TEST(must(r.survey(10, 3)).jobs.total() == 1u);
  }
  // Whoever closes the file other than by SQLite loses the lock by which SQLite keeps others from leaving WAL mode.
  std::size_t open_here = 0;
  for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    open_here += std::filesystem::read_symlink(file, gone) == path ? 1U : 0U;
  }
  BOOST_TEST(open_here <= 2u);
  std::ifstream locks("/proc/locks");
  struct stat about {};
  BOOST_TEST_REQUIRE(::stat(path.c_str(), &about) == 0);
  const auto inode = ":" + std::to_string(about.st_ino) + " ";
  bool locked = false;
  for (std::string line; std::getline(locks, line);)
    locked = locked || (line.find("POSIX") != line.npos && line.find(inode) != line.npos &&
                        line.find(std::to_string(::getpid())) != line.npos);
  BOOST_TEST(locked);
}

BOOST_AUTO_TEST_CASE(all_runs_are_on_record) {
  for (const auto at : {noon, noon + 24h}) {
    auto s = open_store(path);
    change(s, [&](store& l) { l.begin_run(at); });
    change(s, [&](store& l) { l.end_run(at + 1h, "max_duration", "{}"); });
  }
  const auto runs = must(must(reading::open(path)).runs());
  BOOST_TEST_REQUIRE(runs.size() == 2u);
  BOOST_TEST((runs[1].started_at == noon + 24h));
  BOOST_TEST((runs[1].ended_at == noon + 25h));
  BOOST_TEST(runs[0].stop_reason == "max_duration");
}

BOOST_AUTO_TEST_CASE(what_is_read_at_one_moment_agrees_while_a_run_goes_on) {
  auto s = open_store(path);
  import_one(s, 1);
  auto r = must(reading::open(path));
  must(r.at_one_moment([&]() -> result<void> {
    BOOST_TEST(must(r.counts()).total() == 1u);
    import_one(s, 2);
    BOOST_TEST(must(r.counts()).total() == 1u);
    return {};
  }));
  BOOST_TEST(must(r.counts()).total() == 2u);
  const auto failed = r.at_one_moment([] { return result<void>(failure{errc::usage, "no"}); });
  BOOST_TEST(failed.error().what == "no");
  import_one(s, 3);
  BOOST_TEST(must(r.counts()).total() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
