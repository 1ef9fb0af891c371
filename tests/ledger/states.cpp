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

job fetch_one(store& s) {
  std::vector<job> jobs;
  change(s, [&](store& l) { jobs = l.fetch(1); });
  return jobs.at(0);
}

verdict accepted(std::int64_t cost) {
  auto v = verdict_of(meaning::accepted);
  v.what.http_status = 201;
  v.what.job_id = "job_1";
  v.what.job_status = "pending";
  v.what.estimated_cost_micros = cost;
  return v;
}

/// The job as the next run fetches it.
job in_the_next_run(const std::filesystem::path& path) {
  auto s = open_store(path);
  change(s, [](store& l) { l.queue_all_pending(); });
  return fetch_one(s);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(states, ledger_fixture)

BOOST_AUTO_TEST_CASE(jobs_are_fetched_once_in_order_with_their_bodies) {
  auto s = open_store(path);
  for (std::uint64_t n = 1; n <= 5; ++n)
    import_one(s, n, "{\"n\":" + std::to_string(n) + "}");
  std::vector<job> first;
  std::vector<job> rest;
  change(s, [&](store& l) {
    first = l.fetch(2);
    rest = l.fetch(100);
  });
  BOOST_TEST_REQUIRE(first.size() == 2u);
  BOOST_TEST_REQUIRE(rest.size() == 3u);
  BOOST_TEST(first[1].body == R"({"n":2})");
  BOOST_TEST((first[1].key == key_of(2)));
  BOOST_TEST(rest[0].body == R"({"n":3})");
  BOOST_TEST(rest[2].id > rest[1].id);
  BOOST_TEST(rest[0].attempts == 0u);
}

BOOST_AUTO_TEST_CASE(each_of_many_jobs_that_end_together_gets_its_own_verdict) {
  {
    auto s = open_store(path);
    for (std::uint64_t n = 1; n <= 6; ++n)
      import_one(s, n);
    auto uncounted = verdict_of(meaning::rate_limited);
    uncounted.uncount_attempt = true;
    auto doubted = verdict_of(meaning::lost);
    doubted.doubted = true;
    const std::vector<job_verdict> all{{5, uncounted},    {2, accepted(20)}, {3, verdict_of(meaning::refused)},
                                       {1, accepted(10)}, {6, doubted},      {4, accepted(40)}};
    change(s, [&](store& l) {
      for (const auto& j : l.fetch(6))
        l.begin(j.id, noon);
      l.finish(all);
    });
    BOOST_TEST(s.counts()[job_state::submitted] == 3u);
    BOOST_TEST(s.run_counts()[job_state::sending] == 0u);
    BOOST_TEST(s.spent_micros() == 70);
  }
  const auto kept = all_records(path);
  const std::array expected{job_state::submitted, job_state::submitted, job_state::rejected,
                            job_state::submitted, job_state::pending,   job_state::in_doubt};
  BOOST_TEST_REQUIRE(kept.size() == expected.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    BOOST_TEST(kept[i].state == expected[i]);
    BOOST_TEST(kept[i].attempts == (i == 4 ? 0u : 1u));
  }
  BOOST_TEST(kept[0].estimated_cost_micros.value_or(0) == 10);
  BOOST_TEST(kept[3].estimated_cost_micros.value_or(0) == 40);
}

BOOST_AUTO_TEST_CASE(no_job_gets_the_verdict_of_its_neighbours) {
  auto s = open_store(path);
  for (std::uint64_t n = 1; n <= 3; ++n)
    import_one(s, n);
  const std::vector<job_verdict> all{{1, accepted(1)}, {2, accepted(1)}, {3, accepted(1)}};
  const auto ended = s.transact([&](store& l) {
    for (const auto& j : l.fetch(3))
      if (j.id != 2) l.begin(j.id, noon);
    l.finish(all);
  });
  BOOST_TEST(!ended.has_value());
}

BOOST_AUTO_TEST_CASE(jobs_are_fetched_soonest_to_expire_first_where_that_is_asked_for) {
  const auto import = [](store& l, std::uint64_t n, std::optional<wall_time> end) {
    l.import({key_of(n), key_of(n), "{}", l.manifest("a.jsonl"), n, 0, end});
  };
  const auto lines_of = [](const std::vector<job>& jobs) {
    std::vector<std::int64_t> ids;
    for (const auto& j : jobs)
      ids.push_back(j.id);
    return ids;
  };
  std::vector<std::int64_t> soonest;
  std::vector<std::optional<wall_time>> visited;
  const auto look = [&](store& l) {
    visited.clear();
    l.visit_due([&](std::optional<wall_time> end) { visited.push_back(end); });
    soonest = lines_of(l.fetch(100, fetch_order::soonest_to_expire));
  };
  {
    auto s = open_store(path);
    change(s, [&](store& l) {
      import(l, 1, std::nullopt);
      look(l);
    });
    BOOST_TEST(visited.empty()); // no job ends
    change(s, [&](store& l) {
      import(l, 2, noon + std::chrono::hours(2));
      import(l, 3, noon + std::chrono::hours(1));
      l.give_back(soonest);
      look(l);
    });
    BOOST_TEST((visited == std::vector<std::optional<wall_time>>{std::nullopt, noon + std::chrono::hours(2),
                                                                 noon + std::chrono::hours(1)}));
    BOOST_TEST((soonest == std::vector<std::int64_t>{3, 2, 1}));
  }
  { // a run without manifests
    auto s = open_store(path);
    change(s, [&](store& l) {
      l.queue_all_pending();
      look(l);
    });
    BOOST_TEST(visited.size() == 3u);
    BOOST_TEST((soonest == std::vector<std::int64_t>{3, 2, 1}));
  }
  // Fresh URLs for one of them.
  auto s = open_store(path);
  change(s, [&](store& l) {
    import(l, 3, noon + std::chrono::hours(9));
    import(l, 2, noon + std::chrono::hours(2));
    look(l);
  });
  BOOST_TEST((soonest == std::vector<std::int64_t>{2, 3}));
}

BOOST_AUTO_TEST_CASE(an_accepted_job_is_recorded_with_its_answer) {
  auto s = open_store(path);
  const auto id = import_one(s, 1).id;
  change(s, [&](store& l) { l.begin(id, noon); });
  BOOST_TEST(only_record(path).state == job_state::sending);
  change(s, [&](store& l) { l.finish(id, accepted(157500)); });
  const auto kept = only_record(path);
  BOOST_TEST(kept.state == job_state::submitted);
  BOOST_TEST(kept.job_id == "job_1");
  BOOST_TEST(kept.http_status == 201);
  BOOST_TEST(kept.attempts == 1u);
  BOOST_TEST((kept.submitted_at == noon));
  BOOST_TEST(kept.estimated_cost_micros.value() == 157500);
  BOOST_TEST((kept.key == key_of(1)));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_recorded_with_the_services_words) {
  auto s = open_store(path);
  const auto id = import_one(s, 1).id;
  auto v = verdict_of(meaning::refused);
  v.what.http_status = 422;
  v.what.error = "bad_format";
  v.what.message = "webp is no video";
  change(s, [&](store& l) {
    l.begin(id, noon);
    l.finish(id, v);
  });
  const auto kept = only_record(path);
  BOOST_TEST(kept.state == job_state::rejected);
  BOOST_TEST(kept.error == "bad_format");
  BOOST_TEST(kept.message == "webp is no video");
  BOOST_TEST(!kept.submitted_at.has_value());
}

BOOST_AUTO_TEST_CASE(only_tries_that_count_are_counted) {
  auto s = open_store(path);
  const auto id = import_one(s, 1).id;
  auto limited = verdict_of(meaning::rate_limited);
  limited.uncount_attempt = true;
  for (const auto& v : {verdict_of(meaning::unavailable), limited, verdict_of(meaning::unavailable)})
    change(s, [&](store& l) {
      l.begin(id, noon);
      l.finish(id, v);
    });
  BOOST_TEST(only_record(path).attempts == 2u);
  BOOST_TEST(s.counts()[job_state::pending] == 1u);
}

BOOST_AUTO_TEST_CASE(doubt_once_recorded_stays) {
  {
    auto s = open_store(path);
    const auto id = import_one(s, 1).id;
    auto resubmit = verdict_of(meaning::lost);
    resubmit.state = job_state::pending;
    resubmit.doubted = true;
    for (const auto& v : {resubmit, verdict_of(meaning::unavailable)})
      change(s, [&](store& l) {
        l.begin(id, noon);
        l.finish(id, v);
      });
  }
  BOOST_TEST(in_the_next_run(path).doubted);
}

BOOST_AUTO_TEST_CASE(steps_that_the_states_do_not_allow_change_nothing) {
  using enum job_state;
  struct row {
    job_state from;
    std::function<void(store&, std::int64_t)> step;
  };
  const auto begin = [](store& l, std::int64_t id) { l.begin(id, noon); };
  const auto accept = [](store& l, std::int64_t id) { l.finish(id, accepted(1)); };
  const auto expire = [](store& l, std::int64_t id) {
    auto v = verdict_of(meaning::not_sent);
    v.state = expired;
    l.finish(id, v);
  };
  const auto leave_unsent = [](store& l, std::int64_t id) {
    auto v = verdict_of(meaning::not_sent);
    v.state = in_doubt;
    v.unsent = true;
    l.finish(id, v);
  };
  const auto put_back = [](store& l, std::int64_t id) { l.put_back({&id, 1}); };
  const auto settle = [](store& l, std::int64_t) { l.settle(key_of(1), accepted(1).what); };
  const row rows[] = {{sending, begin},    {submitted, begin},      {rejected, begin},         {in_doubt, begin},
                      {expired, begin},    {pending, accept},       {submitted, accept},       {in_doubt, accept},
                      {sending, expire},   {submitted, expire},     {submitted, put_back},     {in_doubt, put_back},
                      {sending, put_back}, {sending, leave_unsent}, {submitted, leave_unsent}, {pending, settle},
                      {sending, settle},   {submitted, settle},     {rejected, settle},        {expired, settle}};
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT("from " << row.from << ", step " << &row - rows) {
      remove_ledger(path);
      auto s = open_store(path);
      const auto id = import_one(s, 1).id;
      bring_to(s, id, row.from);
      const auto r = s.transact([&](store& l) { row.step(l, id); });
      BOOST_TEST_REQUIRE(r.has_error());
      BOOST_TEST(r.error().code == errc::ledger_failed);
      BOOST_TEST(only_record(path).state == row.from);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_expired_job_was_not_sent) {
  auto s = open_store(path);
  bring_to(s, import_one(s, 1).id, job_state::expired);
  const auto kept = only_record(path);
  BOOST_TEST(kept.state == job_state::expired);
  BOOST_TEST(kept.attempts == 0u);
}

BOOST_AUTO_TEST_CASE(a_doubted_job_that_is_not_sent_again_is_in_doubt_as_before) {
  {
    auto s = open_store(path);
    const auto id = import_one(s, 1).id;
    bring_to(s, id, job_state::in_doubt);
  }
  {
    auto s = open_store(path, true);
    const auto again = import_one(s, 1);
    BOOST_TEST(again.kind == import_kind::resubmitted);
    auto v = verdict_of(meaning::not_sent);
    v.state = job_state::in_doubt;
    v.unsent = v.doubted = true;
    change(s, [&](store& l) { l.finish(again.id, v); });
    BOOST_TEST(s.run_counts()[job_state::in_doubt] == 1u);
    BOOST_TEST(s.counts().total() == 1u);
  }
  const auto kept = only_record(path);
  BOOST_TEST(kept.state == job_state::in_doubt);
  BOOST_TEST(kept.attempts == 1u);
}

BOOST_AUTO_TEST_CASE(a_row_of_refusals_that_was_the_tokens_fault_is_put_back) {
  {
    auto s = open_store(path);
    const std::array ids{import_one(s, 1).id, import_one(s, 2).id};
    bring_to(s, ids[0], job_state::rejected);
    auto doubted = verdict_of(meaning::forbidden);
    doubted.state = job_state::in_doubt;
    doubted.doubted = true;
    change(s, [&](store& l) {
      l.begin(ids[1], noon);
      l.finish(ids[1], doubted);
      l.put_back(ids);
    });
    BOOST_TEST(s.counts()[job_state::pending] == 2u);
    BOOST_TEST(s.run_counts()[job_state::pending] == 2u);
    BOOST_TEST(s.counts().total() == 2u);
  }
  auto s = open_store(path);
  change(s, [](store& l) { l.queue_all_pending(); });
  const auto first = fetch_one(s);
  const auto second = fetch_one(s);
  BOOST_TEST(first.attempts == 0u);
  BOOST_TEST(!first.doubted);
  BOOST_TEST(second.attempts == 0u);
  BOOST_TEST(second.doubted);
}

BOOST_AUTO_TEST_CASE(what_was_in_flight_at_a_death_is_in_doubt) {
  {
    auto s = open_store(path);
    bring_to(s, import_one(s, 1).id, job_state::sending);
    bring_to(s, import_one(s, 2).id, job_state::submitted);
    import_one(s, 3);
  }
  auto s = open_store(path);
  BOOST_TEST(s.recovered() == 1u);
  BOOST_TEST(s.counts()[job_state::in_doubt] == 1u);
  BOOST_TEST(s.counts()[job_state::sending] == 0u);
  const auto kept = all_records(path, {{job_state::in_doubt}});
  BOOST_TEST_REQUIRE(kept.size() == 1u);
  BOOST_TEST(kept[0].attempts == 1u);
  BOOST_TEST(kept[0].error == interrupted);
  BOOST_TEST((kept[0].sent_at == noon));
  BOOST_TEST(all_records(path, {{job_state::submitted}}).size() == 1u);
}

BOOST_AUTO_TEST_CASE(retry_puts_back_what_was_selected) {
  using enum job_state;
  struct row {
    retry_selection selection;
    std::array<std::uint64_t, 3> put_back; // rejected, in doubt, expired
  };
  const row rows[] = {
      {{true, false, false, {}}, {2, 0, 0}},
      {{false, true, false, {}}, {0, 1, 0}},
      {{false, false, true, {}}, {0, 0, 1}},
      {{true, true, true, {}}, {2, 1, 1}},
      {{true, true, true, {key_of(1), key_of(3), key_of(99)}}, {1, 1, 0}},
      {{false, true, false, {key_of(1)}}, {0, 0, 0}},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT("row " << &row - rows) {
      remove_ledger(path);
      auto s = open_store(path);
      for (std::uint64_t n = 1; const auto state : {rejected, rejected, in_doubt, expired, submitted})
        bring_to(s, import_one(s, n++).id, state);
      retry_counts done;
      change(s, [&](store& l) { done = l.retry(row.selection); });
      BOOST_TEST(done.rejected == row.put_back[0]);
      BOOST_TEST(done.in_doubt == row.put_back[1]);
      BOOST_TEST(done.expired == row.put_back[2]);
      const auto pending_now = row.put_back[0] + row.put_back[1] + row.put_back[2];
      BOOST_TEST(s.counts()[pending] == pending_now);
      BOOST_TEST(s.counts().total() == 5u);
      BOOST_TEST(all_records(path, {{pending}}).size() == pending_now);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_retried_job_carries_its_history) {
  using enum job_state;
  struct row {
    job_state from;
    std::uint32_t generation;
    std::uint32_t attempts;
    bool doubted;
  };
  for (const auto& row : {row{rejected, 1, 0, false}, row{in_doubt, 0, 1, true}, row{expired, 0, 0, false}}) {
    BOOST_TEST_CONTEXT(row.from) {
      remove_ledger(path);
      {
        auto s = open_store(path);
        bring_to(s, import_one(s, 1).id, row.from);
      }
      {
        auto s = must(store::open_existing(path, {}));
        change(s, [](store& l) { l.retry({true, true, true, {}}); });
        must(s.close());
      }
      const auto next = in_the_next_run(path);
      BOOST_TEST(next.generation == row.generation);
      BOOST_TEST(next.attempts == row.attempts);
      BOOST_TEST(next.doubted == row.doubted);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_job_in_doubt_is_settled_by_proof) {
  {
    auto s = open_store(path);
    bring_to(s, import_one(s, 1).id, job_state::in_doubt);
    bring_to(s, import_one(s, 2).id, job_state::in_doubt);
  }
  {
    auto s = must(store::open_existing(path, {}));
    std::vector<std::string> seen;
    change(s, [&](store& l) {
      l.for_each({{job_state::in_doubt}}, [&](const record& r) {
        seen.push_back(to_hex(*r.key));
        return true;
      });
      l.settle(key_of(1), accepted(157500).what);
    });
    BOOST_TEST((seen == std::vector{to_hex(key_of(1)), to_hex(key_of(2))}));
    BOOST_TEST(s.counts()[job_state::submitted] == 1u);
    BOOST_TEST(s.counts()[job_state::in_doubt] == 1u);
    BOOST_TEST(s.spent_micros() == 157500);
    must(s.close());
  }
  const auto kept = all_records(path);
  BOOST_TEST(kept.at(0).state == job_state::submitted);
  BOOST_TEST(kept.at(0).job_id == "job_1");
  BOOST_TEST(kept.at(0).attempts == 1u);
  BOOST_TEST((kept.at(0).submitted_at == noon)); // when it was sent
  BOOST_TEST(kept.at(1).state == job_state::in_doubt);
  BOOST_TEST(must(must(reading::open(path)).costs()).at(0).estimated_micros == 157500);
}

BOOST_AUTO_TEST_CASE(cost_adds_up_over_the_runs_of_a_ledger) {
  for (std::uint64_t n = 1; n <= 2; ++n) {
    auto s = open_store(path);
    const auto id = import_one(s, n).id;
    change(s, [&](store& l) {
      l.begin(id, noon);
      l.finish(id, accepted(100));
    });
    BOOST_TEST(s.spent_micros() == static_cast<std::int64_t>(100 * n));
  }
  BOOST_TEST(must(must(reading::open(path)).costs()).at(0).estimated_micros == 200);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
