#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "child.hpp"
#include "support.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sqlite3.h>

namespace mcbatch::ledger::test {
namespace {

constexpr std::uint64_t jobs = 2000; // more than are read at once
constexpr std::size_t few = 100;     // keys in memory

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last, std::uint64_t step = 1) {
  std::vector<std::uint64_t> all;
  for (auto n = first; n <= last; n += step)
    all.push_back(n);
  return all;
}

std::map<import_kind, std::size_t> import_all(store& s, const std::vector<std::uint64_t>& entries) {
  std::map<import_kind, std::size_t> kinds;
  change(s, [&](store& l) {
    const auto manifest = l.manifest("a.jsonl");
    for (const auto n : entries)
      ++kinds[l.import({key_of(n), key_of(n), "{}", manifest, n}).kind];
  });
  return kinds;
}

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";

  /// Entries 1 to `jobs`, of which every seventh is followed by an invalid one.
  void fill() const {
    auto s = open_store(path);
    change(s, [](store& l) {
      const auto manifest = l.manifest("a.jsonl");
      const bad_field problem{"", "broken"};
      for (std::uint64_t n = 1; n <= jobs; ++n) {
        l.import({key_of(n), key_of(n), "{}", manifest, n});
        if (n % 7 == 0) l.import_bad({manifest, n, "{", {&problem, 1}});
      }
    });
    must(s.close());
  }

  /// No two jobs have one key.
  void check_keys(std::size_t expected) const {
    std::set<std::string> keys;
    std::size_t seen = 0;
    for (const auto& one : all_records(path)) {
      if (!one.key) continue;
      keys.insert(to_hex(*one.key));
      ++seen;
    }
    BOOST_TEST(seen == expected);
    BOOST_TEST(keys.size() == expected);
  }
};

bool has_index_of_keys(const std::filesystem::path& path) {
  sqlite3* db = nullptr;
  int found = 0;
  const auto count = [](void* to, int, char**, char**) { return ++*static_cast<int*>(to), 0; };
  const bool done =
      sqlite3_open(path.c_str(), &db) == SQLITE_OK &&
      sqlite3_exec(db, "SELECT 1 FROM sqlite_schema WHERE name = 'jobs_by_key'", count, &found, nullptr) == SQLITE_OK;
  sqlite3_close(db);
  if (!done) throw std::runtime_error("SQL failed");
  return found != 0;
}

/// As an earlier mcbatch made it.
void give_index_of_keys(const std::filesystem::path& path) {
  sqlite3* db = nullptr;
  const bool done =
      sqlite3_open(path.c_str(), &db) == SQLITE_OK &&
      sqlite3_exec(db, "CREATE UNIQUE INDEX jobs_by_key ON jobs(key)", nullptr, nullptr, nullptr) == SQLITE_OK;
  sqlite3_close(db);
  if (!done) throw std::runtime_error("SQL failed");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(knowing_jobs, ledger_fixture)

BOOST_AUTO_TEST_CASE(jobs_are_known_again_in_whatever_order_they_come) {
  fill();
  auto reversed = numbers(1, jobs), shuffled = reversed, in_halves = numbers(jobs / 2, jobs);
  std::ranges::reverse(reversed);
  std::ranges::shuffle(shuffled, std::mt19937(7)); // NOLINT: the order should be the same in each run
  std::ranges::copy(numbers(1, jobs / 2 - 1), std::back_inserter(in_halves));
  for (const auto& order : {numbers(1, jobs), reversed, shuffled, in_halves, numbers(1, jobs, 3), numbers(5, jobs, 41),
                            numbers(jobs - 3, jobs)}) {
    for (const auto in_memory : {store_options{}.keys_in_memory, few}) {
      BOOST_TEST_CONTEXT(order.size() << " entries, " << order[0] << ", " << order[1] << " and so on; " << in_memory
                                      << " keys in memory") {
        auto s = open_store_with(path, in_memory);
        BOOST_TEST(import_all(s, order)[import_kind::requeued] == order.size());
        BOOST_TEST(import_all(s, order)[import_kind::duplicate] == order.size());
        BOOST_TEST(s.run_counts().total() == order.size());
        must(s.close());
      }
    }
  }
  check_keys(jobs);
}

BOOST_AUTO_TEST_CASE(entries_that_come_twice_in_one_run_are_told_though_their_keys_do_not_stay_in_memory) {
  auto shuffled = numbers(1, jobs);
  std::ranges::shuffle(shuffled, std::mt19937(7)); // NOLINT: likewise
  auto s = open_store_with(path, few);
  BOOST_TEST(import_all(s, numbers(1, jobs))[import_kind::fresh] == jobs);
  for (const auto& again : {numbers(1, jobs), shuffled})
    BOOST_TEST(import_all(s, again)[import_kind::duplicate] == jobs);
  BOOST_TEST(import_all(s, numbers(jobs + 1, 2 * jobs))[import_kind::fresh] == jobs);
  must(s.close());
  check_keys(2 * jobs);
}

BOOST_AUTO_TEST_CASE(new_entries_between_known_ones_are_told_from_them) {
  fill();
  std::vector<std::uint64_t> grown;
  for (const auto n : numbers(1, jobs)) {
    if (n % 50 == 0) grown.push_back(10 * jobs + n);
    grown.push_back(n);
  }
  grown.push_back(20 * jobs);
  for (const bool again : {false, true}) {
    auto s = open_store(path);
    auto kinds = import_all(s, grown);
    BOOST_TEST(kinds[import_kind::fresh] == (again ? 0u : grown.size() - jobs));
    BOOST_TEST(kinds[import_kind::requeued] == (again ? grown.size() : jobs));
    must(s.close());
  }
  check_keys(grown.size());
}

BOOST_AUTO_TEST_CASE(keys_that_begin_alike_are_told_apart) {
  const auto alike = [](unsigned char last) {
    job_key key = key_of(77);
    key.bytes.back() = last;
    return key;
  };
  std::map<unsigned char, std::int64_t> ids;
  for (const auto kind : {import_kind::fresh, import_kind::requeued}) {
    auto s = open_store(path);
    change(s, [&](store& l) {
      for (unsigned char n = 1; n <= 20; ++n) {
        const auto r = l.import({alike(n), alike(n), "{}", l.manifest("a.jsonl"), n});
        BOOST_TEST(r.kind == kind);
        if (kind == import_kind::fresh) ids[n] = r.id;
        BOOST_TEST(r.id == ids[n]);
      }
    });
  }
}

/// Its row may have been read before it moved.
BOOST_AUTO_TEST_CASE(a_repeated_entry_is_told_where_this_run_met_it_first) {
  fill();
  auto s = open_store(path);
  const auto import_at = [&](std::uint64_t n, std::uint64_t line) {
    import_result r;
    change(s, [&](store& l) { r = l.import({key_of(n), key_of(n), "{}", l.manifest("a.jsonl"), line}); });
    return r;
  };
  import_at(1, 1);
  BOOST_TEST(import_at(60, 9000).kind == import_kind::requeued);
  for (std::uint64_t n = 2; n < 60; ++n)
    import_at(n, n);
  const auto again = import_at(60, 60);
  BOOST_TEST(again.kind == import_kind::duplicate);
  BOOST_TEST(again.first_line == 9000u);
}

BOOST_AUTO_TEST_CASE(a_second_run_over_a_finished_manifest_sends_nothing) {
  {
    auto s = open_store(path);
    import_all(s, numbers(1, jobs));
    change(s, [](store& l) {
      for (const auto& j : l.fetch(jobs)) {
        l.begin(j.id, noon);
        l.finish(j.id, verdict_of(meaning::accepted));
      }
    });
    must(s.close());
  }
  auto s = open_store(path);
  BOOST_TEST(import_all(s, numbers(1, jobs))[import_kind::skipped] == jobs);
  change(s, [](store& l) { BOOST_TEST(l.fetch(1).empty()); });
  BOOST_TEST(s.run_counts()[job_state::submitted] == jobs);
}

BOOST_AUTO_TEST_CASE(an_import_that_is_killed_leaves_every_key_to_be_known_once) {
  for (const std::uint64_t before : {1U, 300U, 1100U}) {
    BOOST_TEST_CONTEXT("killed after " << before << " commits and more") {
      remove_ledger(path);
      child dying([&](child::signal& ready) {
        auto s = open_store(path);
        for (std::uint64_t n = 1;; ++n) {
          import_one(s, n);
          if (n == before) ready.send();
        }
      });
      dying.wait_until_ready();
      dying.kill();
      const auto there = all_records(path).size();
      BOOST_TEST_REQUIRE(there >= before);
      const auto all = there + 500;
      auto s = open_store(path);
      auto kinds = import_all(s, numbers(1, all));
      BOOST_TEST(kinds[import_kind::requeued] == there);
      BOOST_TEST(kinds[import_kind::fresh] == 500u);
      must(s.close());
      check_keys(all);
    }
  }
}

BOOST_AUTO_TEST_CASE(jobs_that_are_named_are_put_back_wherever_they_stand) {
  fill();
  {
    auto s = open_store(path);
    import_all(s, numbers(1, jobs));
    change(s, [](store& l) {
      for (const auto& j : l.fetch(jobs)) {
        l.begin(j.id, noon);
        l.finish(j.id, verdict_of(meaning::refused));
      }
    });
    must(s.close());
  }
  auto s = must(store::open_existing(path, {}));
  retry_counts done;
  change(s, [&](store& l) {
    done = l.retry({.rejected = true,
                    .in_doubt = true,
                    .expired = true,
                    .keys = {key_of(jobs), key_of(3), key_of(3), key_of(99 * jobs), key_of(1000)}});
  });
  BOOST_TEST(done.rejected == 3u);
  std::vector<std::uint64_t> pending;
  for (const auto& one : all_records(path, {{job_state::pending}}))
    pending.push_back(one.line);
  BOOST_TEST(pending == (std::vector<std::uint64_t>{3, 1000, jobs}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_ledger_of_an_earlier_mcbatch_loses_its_index_and_nothing_else) {
  fill();
  give_index_of_keys(path);
  auto s = open_store(path);
  auto kinds = import_all(s, numbers(1, jobs + 10));
  BOOST_TEST(kinds[import_kind::requeued] == jobs);
  BOOST_TEST(kinds[import_kind::fresh] == 10u);
  must(s.close());
  BOOST_TEST(!has_index_of_keys(path));
  check_keys(jobs + 10);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
