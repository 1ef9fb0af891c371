#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "support.hpp"

#include <array>
#include <sqlite3.h>

namespace mcbatch {

std::ostream& operator<<(std::ostream& out, conversion_state s) {
  return out << to_string(s);
}

} // namespace mcbatch

namespace mcbatch::ledger {

std::ostream& operator<<(std::ostream& out, event_fate f) {
  return out << static_cast<int>(f);
}

} // namespace mcbatch::ledger

namespace mcbatch::ledger::test {
namespace {

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
};

new_entry entry_of(store& s, std::uint64_t n, std::string_view type) {
  return {key_of(n), key_of(n), "{}", s.manifest("a.jsonl"), n, 0, {}, type};
}

std::int64_t import_type(store& s, std::uint64_t n, std::string_view type) {
  import_result r;
  change(s, [&](store& l) { r = l.import(entry_of(l, n, type)); });
  return r.id;
}

verdict accepted_as(std::string job_id, std::int64_t cost) {
  auto v = verdict_of(meaning::accepted);
  v.what.http_status = 201;
  v.what.job_id = std::move(job_id);
  v.what.estimated_cost_micros = cost;
  v.at = noon;
  return v;
}

void submit(store& s, std::int64_t id, std::string job_id, std::int64_t cost = 100) {
  change(s, [&](store& l) {
    l.begin(id, noon);
    l.finish(id, accepted_as(std::move(job_id), cost));
  });
}

conversion in_state(conversion_state state) {
  conversion c;
  c.state = state;
  return c;
}

conversion completed_for(std::int64_t cost) {
  auto c = in_state(conversion_state::completed);
  c.progress_percent = 100;
  c.cost_micros = cost;
  c.processing_time = std::chrono::seconds(45);
  c.output_bytes = 8'192'000;
  c.ended_at = noon + std::chrono::seconds(60);
  return c;
}

event_fate hear(store& s, const std::string& job_id, conversion what, std::optional<job_key> key = {}) {
  event_fate fate{};
  change(s, [&](store& l) { fate = l.hear({job_id, key, std::move(what)}, noon).fate; });
  return fate;
}

void execute(const std::filesystem::path& path, const char* text) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  BOOST_TEST_REQUIRE(sqlite3_exec(db, text, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(conversions, ledger_fixture)

BOOST_AUTO_TEST_CASE(an_end_is_on_record_with_all_that_was_said) {
  auto s = open_store(path);
  const auto id = import_type(s, 1, "video");
  submit(s, id, "job_1");
  BOOST_TEST(s.conversions()[conversion_state::pending] == 1u);
  change(s, [&](store& l) { BOOST_TEST(l.follow(id, completed_for(1'575'000), noon).ended); });
  BOOST_TEST(s.conversions()[conversion_state::completed] == 1u);
  BOOST_TEST(s.conversions()[conversion_state::pending] == 0u);
  const auto r = only_record(path);
  BOOST_TEST(r.job_type == "video");
  BOOST_TEST_REQUIRE(r.conversion.has_value());
  BOOST_TEST(r.conversion->state == conversion_state::completed);
  BOOST_TEST(r.conversion->cost_micros.value() == 1'575'000);
  BOOST_TEST(r.conversion->processing_time->count() == 45);
  BOOST_TEST(r.conversion->output_bytes.value() == 8'192'000);
  BOOST_TEST((r.conversion->ended_at == noon + std::chrono::seconds(60)));
}

BOOST_AUTO_TEST_CASE(what_is_added_to_an_end_is_news_and_no_second_end) {
  auto s = open_store(path);
  const auto id = import_type(s, 1, "video");
  submit(s, id, "job_1");
  change(s, [&](store& l) {
    const auto ended = l.hear({"job_1", {}, in_state(conversion_state::completed)}, noon);
    BOOST_TEST((ended.fate == event_fate::news && ended.ended));
    const auto added = l.follow(id, completed_for(7), noon);
    BOOST_TEST((added.is_news && !added.ended));
    const auto again = l.hear({"job_1", {}, completed_for(7)}, noon);
    BOOST_TEST((again.fate == event_fate::no_news && !again.ended));
  });
  BOOST_TEST(only_record(path).conversion->cost_micros.value() == 7);
}

BOOST_AUTO_TEST_CASE(events_may_come_twice_and_out_of_order) {
  auto s = open_store(path);
  submit(s, import_type(s, 1, "video"), "job_1");
  auto half = in_state(conversion_state::processing);
  half.progress_percent = 50;
  BOOST_TEST(hear(s, "job_1", half) == event_fate::news);
  BOOST_TEST(hear(s, "job_1", half) == event_fate::no_news);
  auto less = half;
  less.progress_percent = 20;
  BOOST_TEST(hear(s, "job_1", less) == event_fate::no_news);
  auto failed = in_state(conversion_state::failed);
  failed.progress_percent = 25;
  failed.error = "INVALID_INPUT";
  BOOST_TEST(hear(s, "job_1", failed) == event_fate::news);
  BOOST_TEST(hear(s, "job_1", half) == event_fate::no_news);
  BOOST_TEST(hear(s, "job_1", completed_for(1)) == event_fate::no_news);
  const auto r = only_record(path);
  BOOST_TEST(r.conversion->state == conversion_state::failed);
  BOOST_TEST(r.conversion->progress_percent.value() == 25);
  BOOST_TEST(r.conversion->error == "INVALID_INPUT");
  BOOST_TEST(s.conversions().ended() == 1u);
}

BOOST_AUTO_TEST_CASE(an_event_that_overtakes_the_answer_is_kept_for_it) {
  {
    auto s = open_store(path);
    import_type(s, 1, "video");
    change(s, [](store& l) { l.begin(1, noon); });
    BOOST_TEST(hear(s, "job_1", completed_for(7)) == event_fate::early);
    change(s, [](store& l) { l.finish(1, accepted_as("job_1", 100)); });
    BOOST_TEST(s.conversions()[conversion_state::completed] == 1u);
    BOOST_TEST(s.spent_micros() == 7);
  }
  BOOST_TEST(only_record(path).conversion->cost_micros.value() == 7);
}

BOOST_AUTO_TEST_CASE(an_early_event_outlives_a_crash) {
  {
    auto s = open_store(path);
    import_type(s, 1, "video");
    BOOST_TEST(hear(s, "job_1", completed_for(7)) == event_fate::early);
  }
  auto s = open_store(path);
  submit(s, 1, "job_1");
  BOOST_TEST(s.conversions()[conversion_state::completed] == 1u);
}

BOOST_AUTO_TEST_CASE(an_event_that_names_a_job_in_doubt_proves_it) {
  auto s = open_store(path);
  import_type(s, 1, "video");
  bring_to(s, 1, job_state::in_doubt);
  BOOST_TEST(hear(s, "job_7", completed_for(7), key_of(1)) == event_fate::proof);
  BOOST_TEST(s.counts()[job_state::submitted] == 1u);
  BOOST_TEST(s.counts()[job_state::in_doubt] == 0u);
  const auto r = only_record(path);
  BOOST_TEST(r.state == job_state::submitted);
  BOOST_TEST(r.job_id == "job_7");
  BOOST_TEST(r.conversion->state == conversion_state::completed);
}

BOOST_AUTO_TEST_CASE(an_early_event_proves_a_job_that_is_then_in_doubt) {
  auto s = open_store(path);
  import_type(s, 1, "video");
  change(s, [](store& l) { l.begin(1, noon); });
  BOOST_TEST(hear(s, "job_7", in_state(conversion_state::processing), key_of(1)) == event_fate::early);
  change(s, [](store& l) { l.finish(1, verdict_of(meaning::lost)); });
  BOOST_TEST(s.counts()[job_state::submitted] == 1u);
  BOOST_TEST(only_record(path).job_id == "job_7");
}

BOOST_AUTO_TEST_CASE(an_early_event_of_another_job_is_no_proof) {
  auto s = open_store(path);
  import_type(s, 1, "video");
  import_type(s, 2, "video");
  change(s, [](store& l) { l.begin(1, noon); });
  BOOST_TEST(hear(s, "job_7", in_state(conversion_state::processing), key_of(1)) == event_fate::early);
  submit(s, 2, "job_7");
  hear(s, "job_7", completed_for(7), key_of(1));
  change(s, [](store& l) { l.finish(1, verdict_of(meaning::lost)); });
  BOOST_TEST(s.counts()[job_state::in_doubt] == 1u);
}

BOOST_AUTO_TEST_CASE(an_early_event_is_named_by_the_first_that_names_it) {
  auto s = open_store(path);
  import_type(s, 1, "video");
  import_type(s, 2, "video");
  change(s, [](store& l) { l.begin(1, noon); });
  BOOST_TEST(hear(s, "job_7", completed_for(7)) == event_fate::early);
  BOOST_TEST(hear(s, "job_7", completed_for(7), key_of(1)) == event_fate::early);
  BOOST_TEST(hear(s, "job_7", completed_for(7), key_of(2)) == event_fate::no_news);
  change(s, [](store& l) { l.finish(1, verdict_of(meaning::lost)); });
  BOOST_TEST(s.counts()[job_state::submitted] == 1u);
}

BOOST_AUTO_TEST_CASE(a_ledger_draws_the_secret_of_its_addresses_once_and_believes_no_key_from_before) {
  std::string secret;
  {
    auto s = open_store(path);
    secret = s.address_secret();
    BOOST_TEST(secret.size() == 32u);
    BOOST_TEST(secret != s.ledger_id());
    import_type(s, 1, "video");
    bring_to(s, import_type(s, 2, "video"), job_state::in_doubt);
    change(s, [](store& l) { l.begin(1, noon); });
    BOOST_TEST(hear(s, "job_7", completed_for(7), key_of(1)) == event_fate::early);
    must(s.close());
  }
  BOOST_TEST(open_store(directory / "other.ledger").address_secret() != secret);
  execute(path, "DELETE FROM meta WHERE name = 'address_secret'"); // as an earlier mcbatch left it
  {
    auto s = open_store(path);
    BOOST_TEST(s.address_secret() != secret);
    BOOST_TEST(s.counts()[job_state::in_doubt] == 2u); // the kept event is no proof
    secret = s.address_secret();
  }
  BOOST_TEST(open_store(path).address_secret() == secret);
}

BOOST_AUTO_TEST_CASE(an_early_event_proves_what_was_in_flight_when_the_run_died) {
  {
    auto s = open_store(path);
    import_type(s, 1, "video");
    change(s, [](store& l) { l.begin(1, noon); });
    BOOST_TEST(hear(s, "job_7", completed_for(7), key_of(1)) == event_fate::early);
  }
  auto s = open_store(path, true);
  BOOST_TEST(s.spent_micros() == 7);
  BOOST_TEST(s.late_costs().beyond_estimates == 0); // it is among what was spent
  BOOST_TEST(s.late_costs().first_prices == 0u);
  BOOST_TEST(s.counts()[job_state::submitted] == 1u);
  change(s, [](store& l) { BOOST_TEST((l.import(entry_of(l, 1, "video")).kind == import_kind::skipped)); });
}

BOOST_AUTO_TEST_CASE(a_job_that_was_proven_meanwhile_does_not_go_out_again) {
  constexpr std::uint64_t jobs = 200, proven = 150;
  {
    auto s = open_store(path);
    change(s, [](store& l) {
      for (std::uint64_t n = 1; n <= jobs; ++n) {
        const auto id = l.import(entry_of(l, n, "video")).id;
        l.begin(id, noon);
        l.finish(id, verdict_of(meaning::lost));
      }
    });
  }
  auto s = open_store(path, true);
  change(s, [](store& l) { l.import(entry_of(l, 1, "video")); }); // which reads the rows behind as well
  BOOST_TEST(hear(s, "job_150", completed_for(7), key_of(proven)) == event_fate::proof);
  change(s, [](store& l) {
    for (std::uint64_t n = 2; n <= jobs; ++n) {
      const auto expected = n == proven ? import_kind::skipped : import_kind::resubmitted;
      BOOST_TEST(l.import(entry_of(l, n, "video")).kind == expected);
    }
  });
}

BOOST_AUTO_TEST_CASE(an_event_of_another_try_of_a_submitted_job_changes_nothing_of_it) {
  auto s = open_store(path);
  submit(s, import_type(s, 1, "video"), "job_1");
  BOOST_TEST(hear(s, "job_0", completed_for(7), key_of(1)) == event_fate::early);
  BOOST_TEST(!only_record(path).conversion.has_value());
  BOOST_TEST(s.conversions()[conversion_state::pending] == 1u);
}

BOOST_AUTO_TEST_CASE(events_of_unknown_jobs_are_kept_in_a_bounded_number) {
  auto s = open_store(path);
  import_type(s, 1, "video");
  change(s, [](store& l) {
    for (int n = 0; n <= 10'000; ++n)
      l.hear({"job_" + std::to_string(n), {}, completed_for(n)}, noon + std::chrono::seconds(n));
  });
  submit(s, 1, "job_0"); // the oldest, which has gone
  BOOST_TEST(s.conversions().ended() == 0u);
  submit(s, import_type(s, 2, "video"), "job_10000");
  BOOST_TEST(s.conversions().ended() == 1u);
}

BOOST_AUTO_TEST_CASE(events_of_nobody_do_not_push_out_those_that_name_a_job) {
  auto s = open_store(path);
  import_type(s, 1, "video");
  change(s, [](store& l) {
    l.begin(1, noon);
    l.hear({"job_of_ours", key_of(1), completed_for(1)}, noon);
    for (int n = 0; n <= 10'000; ++n)
      l.hear({"job_" + std::to_string(n), {}, completed_for(n)}, noon + std::chrono::seconds(n));
    l.finish(1, verdict_of(meaning::lost));
  });
  BOOST_TEST(s.counts()[job_state::submitted] == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_open_is_found_piece_by_piece) {
  auto s = open_store(path);
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const auto id = import_type(s, n, n == 2 ? "audio" : "video");
    if (n != 3) submit(s, id, "job_" + std::to_string(n));
  }
  change(s, [](store& l) {
    l.follow(1, completed_for(1), noon);
    l.follow(4, in_state(conversion_state::processing), noon);
    const auto first = l.find_open(0, 3);
    BOOST_TEST(!first.all_was_searched);
    BOOST_TEST_REQUIRE(first.found.size() == 1u);
    BOOST_TEST(first.found[0].job_id == "job_2");
    BOOST_TEST(first.found[0].job_type == "audio");
    BOOST_TEST((first.found[0].submitted_at == noon));
    const auto rest = l.find_open(first.searched_to, 3);
    BOOST_TEST(rest.all_was_searched);
    BOOST_TEST_REQUIRE(rest.found.size() == 2u);
    BOOST_TEST(rest.found[0].id == 4);
    BOOST_TEST(rest.found[1].id == 5);
  });
}

BOOST_AUTO_TEST_CASE(costs_stand_by_type_and_state_and_what_is_charged_counts_in_place_of_the_estimate) {
  {
    auto s = open_store(path);
    submit(s, import_type(s, 1, "video"), "job_1", 100);
    submit(s, import_type(s, 2, "video"), "job_2", 200);
    submit(s, import_type(s, 3, "audio"), "job_3", 40);
    change(s, [](store& l) { l.follow(1, completed_for(130), noon); });
    BOOST_TEST(s.spent_micros() == 370);
    change(s, [](store& l) { l.follow(1, completed_for(130), noon); });
    BOOST_TEST(s.spent_micros() == 370);
  }
  auto again = open_store(path);
  BOOST_TEST(again.spent_micros() == 370);
  BOOST_TEST(again.conversions()[conversion_state::completed] == 1u);
  BOOST_TEST(again.conversions()[conversion_state::pending] == 2u);
  const auto lines = must(must(reading::open(path)).costs());
  BOOST_TEST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[0].job_type == "video");
  BOOST_TEST(lines[0].state == conversion_state::pending);
  BOOST_TEST(lines[0].estimated_micros == 200);
  BOOST_TEST(lines[0].final_jobs == 0u);
  BOOST_TEST(lines[1].state == conversion_state::completed);
  BOOST_TEST(lines[1].estimated_micros == 100);
  BOOST_TEST(lines[1].final_micros == 130);
  BOOST_TEST(lines[2].job_type == "audio");
}

BOOST_AUTO_TEST_CASE(a_ledger_of_an_earlier_mcbatch_can_be_read_and_is_followed_once_it_is_written) {
  {
    auto s = open_store(path);
    submit(s, import_type(s, 1, "video"), "job_1", 100);
    must(s.close());
  }
  execute(path, "DROP TABLE conversions; DROP TABLE early_events; DROP TABLE job_types; "
                "ALTER TABLE jobs DROP COLUMN type");
  BOOST_TEST(only_record(path).job_type.empty());
  const auto lines = must(must(reading::open(path)).costs());
  BOOST_TEST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0].estimated_micros == 100);
  auto s = open_store(path);
  BOOST_TEST(hear(s, "job_1", completed_for(130)) == event_fate::news);
  BOOST_TEST(s.spent_micros() == 130);
  BOOST_TEST(only_record(path).conversion->state == conversion_state::completed);
}

BOOST_AUTO_TEST_CASE(what_the_service_does_not_know_is_on_record_until_it_tells_of_it_after_all) {
  outcome unknown;
  unknown.http_status = 404;
  unknown.error = "not_found";
  unknown.message = "no such job";
  const auto missing = [this] { return must(must(reading::open(path)).problems(10, 3)).groups; };
  {
    auto s = open_store(path);
    for (std::uint64_t n = 1; n <= 3; ++n)
      submit(s, import_type(s, n, "video"), "job_" + std::to_string(n));
    change(s, [&](store& l) {
      l.follow(3, in_state(conversion_state::completed), noon);
      for (int times = 0; times < 2; ++times)
        for (const std::int64_t id : {1, 2, 3}) // the third has ended
          l.miss(id, unknown, noon);
    });
    BOOST_TEST(s.missing() == 2u);
  }
  BOOST_TEST_REQUIRE(missing().size() == 1u);
  BOOST_TEST((missing()[0].kind == problem_kind::missing));
  BOOST_TEST(missing()[0].http_status == 404);
  BOOST_TEST(missing()[0].message == "no such job");
  BOOST_TEST(missing()[0].jobs == 2u);
  BOOST_TEST(missing()[0].first[1].job_id == "job_2");
  auto s = open_store(path);
  BOOST_TEST(s.missing() == 2u);
  BOOST_TEST(s.find_open(0, 10).found.size() == 2u); // they are asked about again
  change(s, [](store& l) { l.follow(1, in_state(conversion_state::pending), noon); });
  BOOST_TEST(s.missing() == 1u);
  BOOST_TEST(hear(s, "job_2", completed_for(70)) == event_fate::news);
  BOOST_TEST(s.missing() == 0u);
  BOOST_TEST(must(must(reading::open(path)).missing()) == 0u);
  BOOST_TEST(missing().empty());
}

BOOST_AUTO_TEST_CASE(a_hundred_types_are_told_apart_and_no_more) {
  {
    auto s = open_store(path);
    for (std::uint64_t n = 1; n <= 103; ++n)
      submit(s, import_type(s, n, "type " + std::to_string(n)), "job_" + std::to_string(n));
    must(s.close());
  }
  const auto records = all_records(path);
  BOOST_TEST(records[99].job_type == "type 100");
  BOOST_TEST(records[100].job_type == "other");
  BOOST_TEST(records[102].job_type == "other");
  const auto other_jobs = [this] {
    const auto lines = must(must(reading::open(path)).costs());
    BOOST_TEST(lines.size() == 101u);
    BOOST_TEST(lines.back().job_type == "other");
    return lines.back().jobs;
  };
  BOOST_TEST(other_jobs() == 3u);
  // As an earlier mcbatch kept them.
  execute(path, "INSERT INTO job_types VALUES (102, 'type 102'), (103, 'type 103'); "
                "UPDATE jobs SET type = id WHERE id > 101");
  BOOST_TEST(other_jobs() == 3u);
}

BOOST_AUTO_TEST_CASE(a_long_type_is_cut_between_characters) {
  auto s = open_store(path);
  import_type(s, 1, std::string(99, 'a') + "\u00e4\u00e4");
  import_type(s, 2, std::string(98, 'a') + "\u00e4\u00e4");
  const auto records = all_records(path);
  BOOST_TEST(records[0].job_type == std::string(99, 'a'));
  BOOST_TEST(records[1].job_type == std::string(98, 'a') + "\u00e4");
}

BOOST_AUTO_TEST_CASE(absurd_costs_of_an_earlier_mcbatch_count_for_nothing_and_the_ledger_opens) {
  {
    auto s = open_store(path);
    for (std::uint64_t n = 1; n <= 3; ++n)
      submit(s, import_type(s, n, "video"), "job_" + std::to_string(n), 100);
    change(s, [](store& l) {
      for (std::int64_t id = 1; id <= 3; ++id)
        l.follow(id, completed_for(9'000'000'000'000'000'000), noon);
    });
    BOOST_TEST(s.spent_micros() == 300);
    must(s.close());
  }
  execute(path, "UPDATE answers SET estimated_cost_micros = 9000000000000000000 WHERE id < 3");
  auto s = open_store(path);
  BOOST_TEST(s.spent_micros() == 100);
  const auto lines = must(must(reading::open(path)).costs());
  BOOST_TEST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0].estimated_micros == 100);
  BOOST_TEST(lines[0].final_micros == 0);
  BOOST_TEST(lines[0].final_jobs == 0u);
}

BOOST_AUTO_TEST_CASE(what_has_no_price_is_counted_by_tries) {
  auto s = open_store(path);
  const auto lose = [](store& l, std::int64_t id, bool again) {
    auto v = verdict_of(meaning::lost);
    v.doubted = true;
    if (again) v.state = job_state::pending;
    l.begin(id, noon);
    l.finish(id, v);
  };
  for (std::uint64_t n = 1; n <= 6; ++n)
    import_type(s, n, "video");
  submit(s, 1, "job_1");
  change(s, [&](store& l) {
    lose(l, 2, false); // in doubt: one
    lose(l, 3, true);  // to be sent again: one
    lose(l, 4, true);  // sent again and accepted: one
    l.begin(4, noon);
    l.finish(4, accepted_as("job_4", 100));
    l.begin(5, noon);
    auto unpriced = accepted_as("job_5", 0);
    unpriced.what.estimated_cost_micros.reset(); // one
    l.finish(5, unpriced);
  });
  BOOST_TEST(s.unpriced().tries == 4u);
  BOOST_TEST(s.unpriced().submitted == 1u);
  // Proven, it is as unpriced as before until it has ended.
  BOOST_TEST(hear(s, "job_2", in_state(conversion_state::processing), key_of(2)) == event_fate::proof);
  BOOST_TEST(s.unpriced().tries == 4u);
  BOOST_TEST(hear(s, "job_2", completed_for(130)) == event_fate::news);
  BOOST_TEST(hear(s, "job_1", completed_for(110)) == event_fate::news);
  BOOST_TEST(s.unpriced().tries == 3u);
  BOOST_TEST(s.late_costs().first_prices == 1u);
  BOOST_TEST(s.late_costs().beyond_estimates == 140);
}

BOOST_AUTO_TEST_CASE(a_job_in_doubt_that_is_to_go_again_is_proven_and_does_not_go) {
  {
    auto s = open_store(path);
    for (std::uint64_t n = 1; n <= 3; ++n)
      bring_to(s, import_type(s, n, "video"), job_state::in_doubt);
  }
  auto s = open_store(path, true);
  change(s, [](store& l) {
    l.queue_all_pending();
    BOOST_TEST(l.fetch(1).size() == 1u);
  });
  BOOST_TEST(hear(s, "job_1", completed_for(7), key_of(1)) == event_fate::proof); // in a run's hands
  BOOST_TEST(hear(s, "job_2", completed_for(7), key_of(2)) == event_fate::proof); // not yet
  change(s, [](store& l) {
    l.begin(1, noon);
    BOOST_TEST(l.is_proven(1));
    auto expired = verdict_of(meaning::not_sent);
    expired.state = job_state::in_doubt;
    expired.unsent = true;
    l.finish(1, expired);
    const std::int64_t id = 1;
    l.give_back({&id, 1});
    const auto rest = l.fetch(5);
    BOOST_TEST_REQUIRE(rest.size() == 1u);
    BOOST_TEST(rest[0].id == 3);
  });
  BOOST_TEST(s.counts()[job_state::submitted] == 2u);
  BOOST_TEST(s.run_counts()[job_state::submitted] == 2u);
  BOOST_TEST(s.counts()[job_state::pending] == 1u);
}

BOOST_AUTO_TEST_CASE(an_early_event_proves_a_job_that_was_to_go_again) {
  auto s = open_store(path);
  import_type(s, 1, "video");
  change(s, [](store& l) { l.begin(1, noon); });
  BOOST_TEST(hear(s, "job_7", in_state(conversion_state::processing), key_of(1)) == event_fate::early);
  auto again = verdict_of(meaning::lost);
  again.state = job_state::pending;
  again.doubted = true;
  change(s, [&](store& l) { l.finish(1, again); });
  BOOST_TEST(s.counts()[job_state::submitted] == 1u);
  BOOST_TEST(s.is_proven(1));
}

BOOST_AUTO_TEST_CASE(a_row_of_refusals_goes_back_but_for_a_job_that_was_proven_meanwhile) {
  auto s = open_store(path);
  const std::array ids{import_type(s, 1, "video"), import_type(s, 2, "video")};
  bring_to(s, 1, job_state::rejected);
  auto refused = verdict_of(meaning::forbidden);
  refused.state = job_state::in_doubt;
  refused.doubted = true;
  change(s, [&](store& l) {
    l.begin(2, noon);
    l.finish(2, refused);
  });
  BOOST_TEST(hear(s, "job_2", completed_for(7), key_of(2)) == event_fate::proof);
  change(s, [&](store& l) { l.put_back(ids); });
  BOOST_TEST(s.counts()[job_state::pending] == 1u);
  BOOST_TEST(s.counts()[job_state::submitted] == 1u);
}

BOOST_AUTO_TEST_CASE(where_conversions_are_followed_events_find_their_jobs_by_indexes) {
  const auto indexes = [this] {
    sqlite3* db = nullptr;
    std::string names;
    const auto add = [](void* to, int, char** values, char**) {
      static_cast<std::string*>(to)->append(values[0]).append(" ");
      return 0;
    };
    sqlite3_open(path.c_str(), &db);
    sqlite3_exec(db, "SELECT name FROM sqlite_schema WHERE name IN ('answers_by_job_id', 'doubted_by_key') ORDER BY 1",
                 add, &names, nullptr);
    sqlite3_close(db);
    return names;
  };
  must(open_store(path).close());
  BOOST_TEST(indexes() == "");
  store_options options;
  options.follow = true;
  auto s = must(store::open_existing(path, options));
  BOOST_TEST(indexes() == "answers_by_job_id doubted_by_key ");
  bring_to(s, import_type(s, 1, "video"), job_state::in_doubt);
  BOOST_TEST(hear(s, "job_1", completed_for(7), key_of(1)) == event_fate::proof);
  BOOST_TEST(hear(s, "job_1", completed_for(7)) == event_fate::no_news);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
