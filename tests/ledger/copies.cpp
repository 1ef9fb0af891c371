#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "child.hpp"
#include "ledger/original.hpp"
#include "support.hpp"

#include <filesystem>
#include <sqlite3.h>

namespace mcbatch::ledger::test {
namespace {

struct copy_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
  std::filesystem::path copy = directory / "copy.ledger";

  void copy_with(std::initializer_list<const char*> suffixes) const {
    for (const char* suffix : suffixes)
      std::filesystem::copy_file(path.string() + suffix, copy.string() + suffix);
  }
};

/// Neither a run nor a reader may take it for the whole.
void check_refused(const std::filesystem::path& path, const char* why) {
  const auto to_write = store::create_or_open(path, {});
  const auto to_read = reading::open(path);
  BOOST_TEST_REQUIRE(to_write.has_error());
  BOOST_TEST_REQUIRE(to_read.has_error());
  BOOST_TEST(to_write.error().code == errc::not_a_ledger);
  BOOST_TEST(to_read.error().code == errc::cannot_open);
  for (const auto& said : {to_write.error().what, to_read.error().what})
    for (const auto& part : {path.string(), std::string(why)})
      BOOST_TEST(said.find(part) != std::string::npos, said << " lacks " << part);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(copies, copy_fixture)

BOOST_AUTO_TEST_CASE(a_copy_without_the_log_is_refused_while_a_run_goes_on_and_after_one_that_died) {
  {
    auto s = open_store(path);
    import_one(s, 1);
    copy_with({""});
    check_refused(copy, "without its log");
    std::filesystem::remove(copy);
  }
  copy_with({""});
  check_refused(copy, "without its log");
  std::filesystem::rename(path, directory / "moved.ledger");
  check_refused(directory / "moved.ledger", "without its log");
  std::filesystem::rename(path.string() + "-wal", directory / "moved.ledger-wal");
  BOOST_TEST(must(must(reading::open(directory / "moved.ledger")).counts()).total() == 1u);
  BOOST_TEST(open_store(directory / "moved.ledger").counts().total() == 1u);
}

BOOST_AUTO_TEST_CASE(a_copy_with_a_log_that_may_not_belong_to_it_is_refused) {
  auto s = open_store(path);
  import_one(s, 1);
  copy_with({"", "-wal"});
  check_refused(copy, "while a run used it");
  BOOST_TEST(std::filesystem::file_size(copy.string() + "-wal") > 0u); // left alone
}

BOOST_AUTO_TEST_CASE(a_second_name_is_no_second_ledger) {
  auto s = open_store(path);
  import_one(s, 1);
  std::filesystem::create_hard_link(path, copy);
  check_refused(copy, "without its log");
  std::filesystem::create_symlink(path, directory / "link");
  BOOST_TEST(must(must(reading::open(directory / "link")).counts()).total() == 1u);
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_finished_ledger_works_and_says_that_it_is_one) {
  {
    auto s = open_store(path);
    import_one(s, 1);
    BOOST_TEST(!s.copied());
    must(s.close());
  }
  BOOST_TEST(!open_store(path).copied());
  must(open_store(path).close());
  copy_with({""});
  BOOST_TEST(must(must(reading::open(copy)).counts()).total() == 1u);
  {
    auto s = open_store(copy);
    BOOST_TEST(s.copied());
    BOOST_TEST(s.counts().total() == 1u);
    must(s.close());
  }
  BOOST_TEST(!open_store(copy).copied()); // from now on it is at home there
  BOOST_TEST(!open_store(path).copied());
}

BOOST_AUTO_TEST_CASE(a_file_is_taken_for_another_only_where_that_is_certain) {
  BOOST_TEST(tells_of_another_file("12@1700000000.5", "13@1700000009.5"));
  BOOST_TEST(!tells_of_another_file("12@1700000000.5", "12@1700000000.5"));
  BOOST_TEST(!tells_of_another_file("12@1700000000.5", "13@1700000000.5")); // mounted anew, where inodes are made up
  BOOST_TEST(!tells_of_another_file("12@1700000000.5", "12@1700000009.5"));
  for (const auto* unknown : {"", "12"}) {
    BOOST_TEST(!tells_of_another_file(unknown, "13@1700000009.5"));
    BOOST_TEST(!tells_of_another_file("12@1700000000.5", unknown));
  }
}

/// One that an earlier mcbatch made has no mark.
BOOST_AUTO_TEST_CASE(a_ledger_without_a_mark_gets_one) {
  must(open_store(path).close());
  sqlite3* raw = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(raw, "DELETE FROM meta WHERE name = 'file'", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(raw);
  must(open_store(path).close());
  copy_with({""});
  BOOST_TEST(open_store(copy).copied());
}

BOOST_AUTO_TEST_CASE(a_ledger_and_its_copy_are_not_written_at_once) {
  must(open_store(path).close());
  copy_with({""});
  child holder([&](child::signal& ready) {
    const auto s = open_store(path);
    ready.send();
    child::wait_to_be_killed();
  });
  holder.wait_until_ready();
  const auto r = store::create_or_open(copy, {});
  BOOST_TEST_REQUIRE(r.has_error());
  BOOST_TEST(r.error().code == errc::locked);
  BOOST_TEST(r.error().what.find("copy of the ledger " + copy.string()) != std::string::npos);
  holder.kill();
  BOOST_TEST(store::create_or_open(copy, {}).has_value());
}

/// Leaving WAL mode writes the header under a rollback journal; who dies there leaves it to be rolled back.
BOOST_AUTO_TEST_CASE(a_ledger_whose_run_died_while_it_closed_can_be_read_and_written) {
  {
    auto s = open_store(path);
    import_one(s, 1);
  }
  // A journal that holds the header as it was, by SQLite itself: a transaction that dies with its page on the disk.
  child dying([&](child::signal& ready) {
    auto s = open_store(path);
    must(s.close());
    sqlite3* db = nullptr;
    const bool done = sqlite3_open(path.c_str(), &db) == SQLITE_OK &&
                      sqlite3_exec(db,
                                   "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; "
                                   "UPDATE jobs SET attempts = 7; CREATE TABLE large(x); "
                                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) "
                                   "INSERT INTO large SELECT zeroblob(4000) FROM n",
                                   nullptr, nullptr, nullptr) == SQLITE_OK;
    if (done) ready.send();
    child::wait_to_be_killed();
  });
  dying.wait_until_ready();
  dying.kill();
  BOOST_TEST_REQUIRE(std::filesystem::file_size(path.string() + "-journal") > 0u);
  BOOST_TEST(must(must(reading::open(path)).counts()).total() == 1u);
  BOOST_TEST(only_record(path).attempts == 0u);
  BOOST_TEST(open_store(path).counts().total() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
