#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "child.hpp"
#include "support.hpp"

#include <fstream>
#include <optional>
#include <sqlite3.h>
#include <sstream>
#include <sys/stat.h>

namespace mcbatch::ledger::test {
namespace {

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

void run_sql(const std::filesystem::path& path, const char* sql) {
  sqlite3* db = nullptr;
  const bool done =
      sqlite3_open(path.c_str(), &db) == SQLITE_OK && sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  sqlite3_close(db);
  if (!done) throw std::runtime_error("SQL failed");
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) throw std::runtime_error("there is no " + path.string());
  return about.st_mode & 07777;
}

/// Bytes 18 and 19 of a database tell whether it is in WAL mode (https://www.sqlite.org/fileformat.html, 1.3.3).
bool in_wal_mode(const std::filesystem::path& path) {
  return content_of(path).substr(18, 2) == "\x02\x02";
}

class umask_for_now {
public:
  explicit umask_for_now(mode_t mask) : before_(::umask(mask)) {}
  umask_for_now(const umask_for_now&) = delete;
  umask_for_now& operator=(const umask_for_now&) = delete;
  ~umask_for_now() { ::umask(before_); }

private:
  mode_t before_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(opening, ledger_fixture)

BOOST_AUTO_TEST_CASE(a_ledger_keeps_the_id_that_it_was_created_with) {
  const auto id = [&] {
    auto s = open_store(path);
    must(s.close());
    return s.ledger_id();
  }();
  BOOST_TEST(job_key_from_hex(id).has_value());
  BOOST_TEST(open_store(path).ledger_id() == id);
  BOOST_TEST(open_store(directory / "other.ledger").ledger_id() != id);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_a_ledger_that_was_lost) {
  write_file(path, "");
  const auto opened = store::create_or_open(path, {});
  BOOST_REQUIRE(!opened.has_value());
  BOOST_TEST((opened.error().code == errc::not_a_ledger));
}

BOOST_AUTO_TEST_CASE(a_creation_that_died_is_begun_anew) {
  write_file(directory / "batch.ledger.new", "half of a led");
  write_file(directory / "batch.ledger.new-journal", "and how to undo it");
  BOOST_TEST(store::create_or_open(path, {}).has_value());
  BOOST_TEST(!std::filesystem::exists(directory / "batch.ledger.new"));
  BOOST_TEST(!std::filesystem::exists(directory / "batch.ledger.new-journal"));
}

BOOST_AUTO_TEST_CASE(what_a_lost_ledger_left_behind_is_not_taken_for_the_new_ones) {
  {
    auto s = open_store(path);
    import_one(s, 1);
  }
  std::filesystem::remove(path);
  const auto r = store::create_or_open(path, {});
  BOOST_TEST_REQUIRE(r.has_error());
  BOOST_TEST(r.error().code == errc::cannot_write);
  BOOST_TEST(r.error().what.find("batch.ledger-wal") != std::string::npos);
  std::filesystem::remove(path.string() + "-wal");
  BOOST_TEST(store::create_or_open(path, {}).has_value());
}

BOOST_AUTO_TEST_CASE(only_an_existing_ledger_can_be_retried) {
  const auto r = store::open_existing(path, {});
  BOOST_TEST_REQUIRE(r.has_error());
  BOOST_TEST(r.error().code == errc::cannot_open);
  BOOST_TEST(std::filesystem::is_empty(directory.path()));
}

BOOST_AUTO_TEST_CASE(the_key_field_is_remembered_and_another_is_refused) {
  struct row {
    std::optional<std::string> first, then;
    const char* advice;
  };
  const row rows[] = {{"id", "id", nullptr},
                      {"id", "name", "--key id"},
                      {"id", std::nullopt, "--key id"},
                      {std::nullopt, std::nullopt, nullptr},
                      {std::nullopt, "id", "without --key"}};
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT("row " << &row - rows) {
      remove_ledger(path);
      store_options options;
      options.key_field = row.first;
      must(must(store::create_or_open(path, options)).close());
      options.key_field = row.then;
      const auto r = store::create_or_open(path, options);
      BOOST_TEST(r.has_value() == (row.advice == nullptr));
      if (row.advice == nullptr) continue;
      BOOST_TEST(r.error().code == errc::usage);
      BOOST_TEST(r.error().what.find(row.advice) != std::string::npos);
      BOOST_TEST(store::open_existing(path, {}).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(other_files_are_refused_and_left_alone) {
  const auto text = directory / "manifest.jsonl";
  write_file(text, std::string(200, 'x'));
  const auto short_text = directory / "short.jsonl";
  write_file(short_text, "{}");
  const auto foreign = directory / "foreign.db";
  run_sql(foreign, "CREATE TABLE jobs(id)");
  for (const auto& file : {text, short_text, foreign, directory.path()}) {
    BOOST_TEST_CONTEXT(file) {
      const auto before = std::filesystem::is_directory(file) ? "" : content_of(file);
      for (const auto& failed : {store::create_or_open(file, {}).error(), store::open_existing(file, {}).error()}) {
        BOOST_TEST(failed.code == errc::not_a_ledger);
        BOOST_TEST(failed.what.find(file.string()) != std::string::npos);
      }
      BOOST_TEST(reading::open(file).error().code == errc::cannot_open);
      if (!std::filesystem::is_directory(file)) BOOST_TEST(content_of(file) == before);
      BOOST_TEST(!std::filesystem::exists(file.string() + ".lock"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_newer_ledger_is_refused) {
  must(open_store(path).close());
  run_sql(path, "PRAGMA user_version = 2");
  const auto to_write = store::create_or_open(path, {}).error(), to_read = reading::open(path).error();
  BOOST_TEST(to_write.code == errc::not_a_ledger);
  BOOST_TEST(to_read.code == errc::cannot_open);
  for (const auto& failed : {to_write, to_read})
    BOOST_TEST(failed.what.find("version 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_damaged_ledger_is_reported) {
  must(open_store(path).close());
  auto bytes = content_of(path);
  bytes.replace(100, bytes.size() - 100, bytes.size() - 100, 'x');
  write_file(path, bytes);
  const auto r = store::create_or_open(path, {});
  BOOST_TEST_REQUIRE(r.has_error());
  BOOST_TEST(r.error().code == errc::ledger_failed);
  BOOST_TEST(r.error().what.find("damaged") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nobody_else_can_read_it_whatever_the_umask) {
  for (const mode_t mask : {mode_t{0}, mode_t{0277}}) {
    remove_ledger(path);
    const umask_for_now umask(mask);
    auto s = open_store(path);
    import_one(s, 1);
    for (const char* suffix : {"", "-wal", "-shm"})
      BOOST_TEST(mode_of(path.string() + suffix) == 0600u, suffix << " under umask " << mask);
    BOOST_TEST(mode_of(path.string() + ".lock") == 0600u);
  }
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_written_is_refused) {
  ::chmod(directory.path().c_str(), 0555);
  BOOST_TEST(holds_for_nobody([&] {
    const auto r = store::create_or_open(path, {});
    return r.has_error() && r.error().code == errc::cannot_write &&
           r.error().what.find("Permission denied") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(a_finished_run_leaves_one_file_that_can_be_read_where_nothing_can_be_written) {
  {
    auto s = open_store(path);
    import_one(s, 1);
    BOOST_TEST(in_wal_mode(path));
    must(s.close());
  }
  BOOST_TEST(!in_wal_mode(path));
  BOOST_TEST(!std::filesystem::exists(path.string() + "-wal"));
  BOOST_TEST(!std::filesystem::exists(path.string() + "-shm"));
  ::chmod(path.c_str(), 0444);
  ::chmod(directory.path().c_str(), 0555);
  BOOST_TEST(holds_for_nobody([&] { return must(must(reading::open(path)).counts())[job_state::pending] == 1; }));
}

BOOST_AUTO_TEST_CASE(a_reader_that_looks_in_does_not_keep_a_run_from_ending_well) {
  auto s = open_store(path);
  import_one(s, 1);
  auto watching = must(reading::open(path));
  BOOST_TEST(must(watching.counts()).total() == 1u);
  BOOST_TEST(s.close().has_value());
  BOOST_TEST(must(watching.counts()).total() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
