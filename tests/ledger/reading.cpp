#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "child.hpp"
#include "support.hpp"

#include <sys/stat.h>

namespace mcbatch::ledger::test {
namespace {

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch?#%.ledger"; // characters that mean something in a URI
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(readings, ledger_fixture)

BOOST_AUTO_TEST_CASE(a_reader_sees_what_is_committed_while_a_run_is_writing) {
  auto s = open_store(path);
  auto r = must(reading::open(path));
  BOOST_TEST(r.being_written());
  BOOST_TEST(must(r.counts()).total() == 0u);
  must(s.transact([&](store& l) {
    l.import({key_of(1), key_of(1), "{}", l.manifest("a"), 1});
    BOOST_TEST(must(r.counts()).total() == 0u);
  }));
  BOOST_TEST(must(r.counts()).total() == 1u);
}

BOOST_AUTO_TEST_CASE(a_writer_goes_on_while_a_reader_is_in_the_middle) {
  auto s = open_store(path);
  import_one(s, 1);
  import_one(s, 2);
  auto r = must(reading::open(path));
  std::size_t seen = 0;
  must(r.for_each({}, [&](const record&) {
    import_one(s, 100 + seen);
    ++seen;
    return true;
  }));
  BOOST_TEST(seen == 2u); // one snapshot
  BOOST_TEST(must(r.counts()).total() == 4u);
}

BOOST_AUTO_TEST_CASE(a_dead_run_is_seen_as_it_was_and_not_as_writing) {
  {
    auto s = open_store(path);
    bring_to(s, import_one(s, 1).id, job_state::sending);
  }
  auto r = must(reading::open(path));
  BOOST_TEST(!r.being_written());
  BOOST_TEST(must(r.counts())[job_state::sending] == 1u);
}

BOOST_AUTO_TEST_CASE(looking_in_keeps_no_run_out) {
  must(open_store(path).close());
  const auto r = must(reading::open(path));
  BOOST_TEST(!r.being_written());
  BOOST_TEST(store::create_or_open(path, {}).has_value());
}

BOOST_AUTO_TEST_CASE(records_come_in_manifest_order) {
  auto s = open_store(path);
  change(s, [](store& l) {
    const auto b = l.manifest("b.jsonl");
    const auto a = l.manifest("a.jsonl");
    l.import({key_of(1), key_of(1), "{}", a, 2});
    l.import({key_of(2), key_of(2), "{}", a, 1});
    l.import({key_of(3), key_of(3), "{}", b, 9});
    const bad_field problem{"", "broken"};
    l.import_bad({b, 7, "{", {&problem, 1}});
  });
  std::vector<std::string> places;
  for (const auto& one : all_records(path))
    places.push_back(one.manifest + ":" + std::to_string(one.line));
  const std::vector<std::string> expected{"b.jsonl:7", "b.jsonl:9", "a.jsonl:1", "a.jsonl:2"};
  BOOST_TEST(places == expected, boost::test_tools::per_element());
  const std::vector<std::string> names{"b.jsonl", "a.jsonl"};
  BOOST_TEST(must(must(reading::open(path)).manifests()) == names, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(records_are_filtered_by_state) {
  using enum job_state;
  auto s = open_store(path);
  for (std::uint64_t n = 1; const auto state : {pending, submitted, rejected, in_doubt, expired})
    bring_to(s, import_one(s, n++).id, state);
  BOOST_TEST(all_records(path).size() == 5u);
  BOOST_TEST(all_records(path, {{rejected, expired}}).size() == 2u);
  BOOST_TEST(all_records(path, {{pending}}).at(0).state == pending);
  BOOST_TEST(all_records(path, {{invalid}}).empty());
}

BOOST_AUTO_TEST_CASE(reading_stops_when_it_was_enough) {
  auto s = open_store(path);
  import_one(s, 1);
  import_one(s, 2);
  auto r = must(reading::open(path));
  std::size_t seen = 0;
  must(r.for_each({}, [&](const record&) { return ++seen < 1; }));
  BOOST_TEST(seen == 1u);
  BOOST_TEST(must(r.counts()).total() == 2u);
}

BOOST_AUTO_TEST_CASE(the_last_run_is_on_record) {
  auto s = open_store(path);
  auto r = must(reading::open(path));
  BOOST_TEST(!must(r.last_run()).has_value());
  change(s, [](store& l) { l.begin_run(noon); });
  change(s, [](store& l) { l.begin_run(noon + std::chrono::minutes(1)); }); // it has begun
  BOOST_TEST((must(r.last_run()).value().started_at == noon));
  BOOST_TEST(!must(r.last_run()).value().ended_at.has_value());
  change(s, [](store& l) { l.end_run(noon + std::chrono::hours(1), "done", R"({"exit_code":0})"); });
  const auto run = must(r.last_run()).value();
  BOOST_TEST((run.ended_at == noon + std::chrono::hours(1)));
  BOOST_TEST(run.stop_reason == "done");
  BOOST_TEST(run.summary == R"({"exit_code":0})");
}

BOOST_AUTO_TEST_CASE(what_a_run_waits_for_is_on_record_until_it_ends_or_another_begins) {
  const wait_note hour{"window", "10000/1h", noon + std::chrono::minutes(12)};
  const wait_note pause{"pause", "", noon + std::chrono::minutes(1)};
  auto r = must(reading::open((open_store(path), path)));
  const auto noted = [&r] { return must(r.wait()); };
  {
    auto s = open_store(path);
    BOOST_TEST(!noted().has_value());
    change(s, [](store& l) { l.begin_run(noon); });
    change(s, [&](store& l) { l.note_wait(hour); });
    BOOST_TEST((noted() == hour));
    change(s, [&](store& l) { l.note_wait(pause); });
    BOOST_TEST((noted() == pause));
    change(s, [](store& l) { l.note_wait(std::nullopt); });
    BOOST_TEST(!noted().has_value());
    change(s, [&](store& l) { l.note_wait(hour); });
  }
  BOOST_TEST((noted() == hour)); // of a run that died
  auto s = open_store(path);
  change(s, [](store& l) { l.begin_run(noon); });
  BOOST_TEST(!noted().has_value());
  change(s, [&](store& l) { l.note_wait(hour); });
  change(s, [](store& l) { l.end_run(noon, "done", "{}"); });
  BOOST_TEST(!noted().has_value());
}

BOOST_AUTO_TEST_CASE(a_ledger_that_is_missing_is_named) {
  for (const char* name : {"missing.ledger", "missing/ledger"}) {
    const auto r = reading::open(directory / name);
    BOOST_TEST_REQUIRE(r.has_error());
    BOOST_TEST(r.error().code == errc::cannot_open);
    BOOST_TEST(r.error().what.find(name) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_ledger_in_wal_mode_can_be_read_where_nothing_can_be_written) {
  {
    auto s = open_store(path);
    import_one(s, 1);
    const auto watching = must(reading::open(path));
    must(s.close()); // a reader has it open, so that it stays in WAL mode
  }
  BOOST_TEST(std::filesystem::file_size(path.string() + "-wal") == 0u); // the run has folded it in
  for (const char* suffix : {"-shm", ".lock"})
    std::filesystem::remove(path.string() + suffix);
  ::chmod(path.c_str(), 0444);
  ::chmod(directory.path().c_str(), 0555);
  BOOST_TEST(holds_for_nobody([&] {
    auto r = reading::open(path);
    return r.has_value() && must(r->counts()).total() == 1 && !r->being_written();
  }));
}

BOOST_AUTO_TEST_CASE(a_ledger_whose_wal_cannot_be_used_is_not_read_without_it) {
  {
    auto s = open_store(path);
    import_one(s, 1);
  }
  std::filesystem::remove(path.string() + "-shm");
  ::chmod(path.c_str(), 0444);
  ::chmod(directory.path().c_str(), 0555);
  BOOST_TEST(holds_for_nobody([&] {
    const auto r = reading::open(path);
    return r.has_error() && r.error().code == errc::cannot_open;
  }));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
