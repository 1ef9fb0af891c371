#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "support.hpp"

#include <array>

namespace mcbatch::ledger::test {
namespace {

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
};

import_result import_by_field(store& s, std::uint64_t key, std::uint64_t content, std::uint64_t line) {
  import_result r;
  change(s, [&](store& l) { r = l.import({key_of(key), key_of(content), "{}", l.manifest("a.jsonl"), line}); });
  return r;
}

void import_bad_line(store& s, std::uint64_t line, std::string_view text, std::string_view message) {
  const std::array problems{bad_field{"output_url", message}};
  change(s, [&](store& l) { l.import_bad({l.manifest("a.jsonl"), line, text, problems}); });
}

void end_of_manifest(store& s) {
  change(s, [](store& l) { l.finish_manifest(l.manifest("a.jsonl")); });
}

std::vector<job> fetch_all(store& s) {
  std::vector<job> jobs;
  change(s, [&](store& l) { jobs = l.fetch(1000); });
  return jobs;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(importing, ledger_fixture)

BOOST_AUTO_TEST_CASE(an_entry_of_an_earlier_run_is_taken_by_its_state) {
  struct row {
    job_state before;
    bool resubmit;
    import_kind kind;
    job_state after;
    bool new_body;
    bool goes_out;
  };
  using enum job_state;
  const row rows[] = {
      {pending, false, import_kind::requeued, pending, true, true},
      {expired, false, import_kind::requeued, pending, true, true},
      {submitted, false, import_kind::skipped, submitted, false, false},
      {submitted, true, import_kind::skipped, submitted, false, false},
      {rejected, false, import_kind::left, rejected, false, false},
      {rejected, true, import_kind::left, rejected, false, false},
      {in_doubt, false, import_kind::left, in_doubt, false, false},
      {in_doubt, true, import_kind::resubmitted, pending, true, true},
      {sending, false, import_kind::left, in_doubt, false, false}, // its run died
      {sending, true, import_kind::resubmitted, pending, true, true},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.before << ", resubmit " << row.resubmit) {
      remove_ledger(path);
      {
        auto s = open_store(path);
        bring_to(s, import_one(s, 7, R"({"old":1})").id, row.before);
      }
      auto s = open_store(path, row.resubmit);
      BOOST_TEST(import_one(s, 7, R"({"new":1})").kind == row.kind);
      const auto jobs = fetch_all(s);
      BOOST_TEST(jobs.size() == (row.goes_out ? 1u : 0u));
      if (row.goes_out) BOOST_TEST(jobs.at(0).doubted == row.resubmit);
      BOOST_TEST(s.counts()[row.after] == 1u);
      BOOST_TEST(s.run_counts()[row.after] == 1u);
      BOOST_TEST(s.run_counts().total() == 1u);
      const auto kept = only_record(path);
      BOOST_TEST(kept.state == row.after);
      BOOST_TEST(kept.body == (row.new_body ? R"({"new":1})" : R"({"old":1})"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_new_entry_is_pending_and_its_repeat_a_duplicate) {
  auto s = open_store(path);
  const auto first = import_one(s, 3);
  BOOST_TEST(first.kind == import_kind::fresh);
  const auto again = import_one(s, 3);
  BOOST_TEST(again.kind == import_kind::duplicate);
  BOOST_TEST(again.id == first.id);
  BOOST_TEST(again.first_line == 3u);
  BOOST_TEST(s.run_counts().total() == 1u);
  BOOST_TEST(fetch_all(s).size() == 1u);
}

BOOST_AUTO_TEST_CASE(other_content_under_the_same_key_is_a_conflict) {
  auto s = open_store_by(path, "id");
  BOOST_TEST(import_by_field(s, 1, 100, 10).kind == import_kind::fresh);
  BOOST_TEST(import_by_field(s, 1, 100, 11).kind == import_kind::duplicate);
  const auto conflict = import_by_field(s, 1, 101, 12);
  BOOST_TEST(conflict.kind == import_kind::conflict);
  BOOST_TEST(conflict.first_line == 10u);
}

BOOST_AUTO_TEST_CASE(a_conflict_is_with_this_run_and_not_with_what_was_submitted_before) {
  {
    auto s = open_store_by(path, "id");
    bring_to(s, import_by_field(s, 1, 100, 10).id, job_state::submitted);
  }
  auto s = open_store_by(path, "id");
  BOOST_TEST(import_by_field(s, 1, 200, 5).kind == import_kind::skipped);
  BOOST_TEST(import_by_field(s, 1, 200, 6).kind == import_kind::duplicate);
  const auto conflict = import_by_field(s, 1, 100, 7);
  BOOST_TEST(conflict.kind == import_kind::conflict);
  BOOST_TEST(conflict.first_line == 5u);
}

BOOST_AUTO_TEST_CASE(a_job_is_shown_where_it_was_read_last) {
  {
    auto s = open_store(path);
    bring_to(s, import_one(s, 1).id, job_state::submitted);
  }
  auto s = open_store(path);
  change(s, [](store& l) { l.import({key_of(1), key_of(1), "{}", l.manifest("b.jsonl"), 20}); });
  const auto kept = only_record(path);
  BOOST_TEST(kept.manifest == "b.jsonl");
  BOOST_TEST(kept.line == 20u);
}

BOOST_AUTO_TEST_CASE(pending_jobs_of_no_manifest_of_this_run_are_left_alone) {
  {
    auto s = open_store(path);
    import_one(s, 1);
    import_one(s, 2);
  }
  auto s = open_store(path);
  import_one(s, 2);
  const auto jobs = fetch_all(s);
  BOOST_TEST_REQUIRE(jobs.size() == 1u);
  BOOST_TEST((jobs[0].key == key_of(2)));
  BOOST_TEST(s.counts()[job_state::pending] == 2u);
  BOOST_TEST(s.run_counts()[job_state::pending] == 1u);
}

BOOST_AUTO_TEST_CASE(a_run_without_manifests_takes_every_pending_job) {
  {
    auto s = open_store(path);
    import_one(s, 1);
    bring_to(s, import_one(s, 2).id, job_state::in_doubt);
    bring_to(s, import_one(s, 3).id, job_state::rejected);
  }
  for (const bool resubmit : {false, true}) {
    auto s = open_store(path, resubmit);
    change(s, [](store& l) { l.queue_all_pending(); });
    BOOST_TEST(fetch_all(s).size() == (resubmit ? 2u : 1u));
    BOOST_TEST(s.run_counts().total() == (resubmit ? 2u : 1u));
  }
}

BOOST_AUTO_TEST_CASE(invalid_entries_are_kept_with_what_is_wrong) {
  auto s = open_store(path);
  const std::array problems{bad_field{"input_url", "input_url is missing"}, bad_field{"", "the brace is not closed"}};
  change(s, [&](store& l) { l.import_bad({l.manifest("a.jsonl"), 4, "{\xff", problems}); });
  const auto kept = only_record(path);
  BOOST_TEST(kept.state == job_state::invalid);
  BOOST_TEST(!kept.key.has_value());
  BOOST_TEST(kept.line == 4u);
  BOOST_TEST(kept.error == "invalid");
  BOOST_TEST(kept.message == "input_url is missing; the brace is not closed");
  BOOST_TEST(kept.body == "{\xff");
}

BOOST_AUTO_TEST_CASE(reading_a_manifest_again_replaces_what_was_invalid_in_it) {
  {
    auto s = open_store(path);
    import_bad_line(s, 1, "one", "first reading");
    import_bad_line(s, 2, "two", "first reading");
    change(s, [](store& l) {
      const bad_field problem{"", "of another manifest"};
      l.import_bad({l.manifest("b.jsonl"), 2, "other", {&problem, 1}});
    });
    end_of_manifest(s);
    BOOST_TEST(s.counts()[job_state::invalid] == 3u);
  }
  auto s = open_store(path);
  import_bad_line(s, 2, "two again", "second reading");
  import_one(s, 1);
  end_of_manifest(s);
  BOOST_TEST(s.counts()[job_state::invalid] == 2u);
  BOOST_TEST(s.run_counts()[job_state::invalid] == 1u);
  const auto invalid = all_records(path, {{job_state::invalid}});
  BOOST_TEST_REQUIRE(invalid.size() == 2u);
  BOOST_TEST(invalid[0].body == "two again");
  BOOST_TEST(invalid[0].message == "second reading");
  BOOST_TEST(invalid[1].manifest == "b.jsonl");
}

BOOST_AUTO_TEST_CASE(a_manifest_that_broke_off_keeps_what_was_invalid_behind_the_break) {
  {
    auto s = open_store(path);
    import_bad_line(s, 9, "nine", "first reading");
  }
  auto s = open_store(path);
  import_bad_line(s, 1, "one", "second reading"); // and no end of the manifest
  BOOST_TEST(all_records(path).size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
