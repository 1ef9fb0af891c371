#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "support.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <dlfcn.h>
#include <limits>
#include <optional>
#include <sqlite3.h>
#include <unistd.h>

namespace mcbatch::ledger::test {
namespace {

constexpr int never = std::numeric_limits<int>::max();

/// How many more calls succeed.
std::atomic<int> syncs_left = never;
std::atomic<int> writes_left = never;
std::atomic<int> syncs = 0;

bool fails(std::atomic<int>& left) {
  return left != never && --left < 0;
}

int checked_sync(const char* name, int fd) {
  ++syncs;
  if (fails(syncs_left)) {
    errno = EIO;
    return -1;
  }
  return reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, name))(fd);
}

} // namespace
} // namespace mcbatch::ledger::test

// The program's own definitions are found before the C library's, by SQLite too.
extern "C" int fsync(int fd) {
  return mcbatch::ledger::test::checked_sync("fsync", fd);
}
extern "C" int fdatasync(int fd) {
  return mcbatch::ledger::test::checked_sync("fdatasync", fd);
}

namespace mcbatch::ledger::test {
namespace {

std::atomic<bool> temporary_files_are_full = false;

/// As SQLite names them.
bool is_temporary(int fd) {
  std::error_code not_there;
  const auto name = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), not_there);
  return name.filename().string().starts_with("etilqs_");
}

ssize_t checked_pwrite(int fd, const void* data, std::size_t size, off64_t at) {
  if (fails(writes_left) || (temporary_files_are_full && is_temporary(fd))) {
    errno = ENOSPC;
    return -1;
  }
  return ::pwrite64(fd, data, size, at);
}

int no_access(const char*, int) {
  errno = EACCES;
  return -1;
}

/// A disk that fails when it is told to. SQLite's calls go through it while it lives (sqlite3_vfs.xSetSystemCall).
class unreliable_disk {
public:
  unreliable_disk() {
    set("pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(&checked_pwrite));
    set("pwrite", reinterpret_cast<sqlite3_syscall_ptr>(&checked_pwrite));
  }
  unreliable_disk(const unreliable_disk&) = delete;
  unreliable_disk& operator=(const unreliable_disk&) = delete;
  ~unreliable_disk() {
    heal();
    set("pwrite64", nullptr);
    set("pwrite", nullptr);
  }

  void fail_after_syncs(int n) { syncs_left = n; }
  void fail_after_writes(int n) { writes_left = n; }
  void heal() {
    syncs_left = never;
    writes_left = never;
    temporary_files_are_full = false;
    set("access", nullptr);
  }

  static void fill_temporary_folder() { temporary_files_are_full = true; }
  static void close_temporary_folders() { set("access", reinterpret_cast<sqlite3_syscall_ptr>(&no_access)); }

private:
  static void set(const char* call, sqlite3_syscall_ptr ours) {
    auto* vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, call, ours);
  }
};

struct disk_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
  unreliable_disk disk;
};

constexpr std::uint64_t jobs = 6;

struct told_of {
  bool intent = false;
  bool outcome = false;
};

/// A small run, each of whose steps is a batch of its own. Returns what its posters were told is durable.
std::vector<told_of> run_some(const std::filesystem::path& path) {
  std::vector<told_of> told(jobs);
  auto opened = store::create_or_open(path, {});
  if (!opened) return told;
  const auto w = writer::start(std::move(*opened), writer::mode::manual, here);
  for (std::size_t n = 0; n < jobs; ++n) {
    std::int64_t id = 0;
    w->post(
        [&](store& s) {
          id = s.import({key_of(n), key_of(n), std::string(3000, 'x'), s.manifest("a"), n}).id;
          s.begin(id, noon);
        },
        [&](const result<void>& r) { told[n].intent = r.has_value(); });
    w->pump();
    w->post([&](store& s) { s.finish(id, verdict_of(meaning::accepted)); },
            [&](const result<void>& r) { told[n].outcome = r.has_value(); });
    w->pump();
  }
  if (const auto closed = w->close(); !closed) BOOST_TEST(closed.error().code == errc::ledger_failed);
  return told;
}

/// Everything that was reported durable is in the ledger that the next run opens.
void check_promises(const std::filesystem::path& path, const std::vector<told_of>& told) {
  if (!std::filesystem::exists(path)) {
    for (const auto& t : told)
      BOOST_TEST(!t.intent);
    return;
  }
  { const auto s = open_store(path); } // what was in flight becomes in doubt
  std::vector<bool> submitted(jobs);
  std::vector<bool> known(jobs);
  for (const auto& one : all_records(path)) {
    known.at(one.line) = true;
    submitted.at(one.line) = one.state == job_state::submitted;
    BOOST_TEST(one.state != job_state::pending); // an intent is whole, or not there
  }
  for (std::size_t n = 0; n < jobs; ++n) {
    BOOST_TEST((known[n] || !told[n].intent));
    BOOST_TEST((submitted[n] || !told[n].outcome));
  }
}

bool all_done(const std::vector<told_of>& told) {
  return std::all_of(told.begin(), told.end(), [](const told_of& t) { return t.outcome; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(faults, disk_fixture)

BOOST_AUTO_TEST_CASE(whichever_write_fails_what_was_reported_is_kept) {
  int n = 0;
  for (bool ended = false; !ended; ++n) {
    BOOST_TEST_CONTEXT("after " << n << " writes") {
      remove_ledger(path);
      disk.fail_after_writes(n);
      const auto told = run_some(path);
      ended = writes_left > 0;
      disk.heal();
      check_promises(path, told);
    }
    BOOST_TEST_REQUIRE(n < 2000);
  }
  BOOST_TEST(n > 20);
}

BOOST_AUTO_TEST_CASE(whichever_sync_fails_what_was_reported_is_kept) {
  int n = 0;
  for (bool ended = false; !ended; ++n) {
    BOOST_TEST_CONTEXT("after " << n << " syncs") {
      remove_ledger(path);
      disk.fail_after_syncs(n);
      const auto told = run_some(path);
      ended = syncs_left > 0;
      disk.heal();
      check_promises(path, told);
      if (ended) BOOST_TEST(all_done(told));
    }
    BOOST_TEST_REQUIRE(n < 2000);
  }
  BOOST_TEST(n > static_cast<int>(2 * jobs)); // each batch is synced
}

BOOST_AUTO_TEST_CASE(a_batch_is_synced_once_before_anyone_is_told) {
  const auto w = writer::start(open_store(path), writer::mode::manual, here);
  w->post([](store& s) { s.manifest("a"); }, [](const result<void>&) {});
  w->pump(); // the first commit also syncs the head of a new WAL
  const int before = syncs;
  int when_told = 0;
  for (std::uint64_t n = 1; n <= 64; ++n)
    w->post(
        [n](store& s) {
          s.import({key_of(n), key_of(n), "{}", 1, n});
        },
        [&](const result<void>&) { when_told = syncs; });
  w->pump();
  BOOST_TEST(when_told == before + 1);
}

/// A sync takes some milliseconds, and nothing is sent before them.
BOOST_AUTO_TEST_CASE(a_ledger_is_created_opened_and_closed_with_few_syncs) {
  const auto syncs_of = [](const auto& step) {
    const int before = syncs;
    step();
    return syncs - before;
  };
  std::optional<store> s;
  BOOST_TEST(syncs_of([&] { s = open_store(path); }) == 2); // the file, and its name
  import_one(*s, 1);
  BOOST_TEST(syncs_of([&] { must(s->close()); }) == 3); // the log, what was folded in, and that it has left WAL mode
  s.reset();
  BOOST_TEST(syncs_of([&] { s = open_store(path); }) == 3); // its name, the log's, and that it is in WAL mode
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_explained_and_ends_all_writing) {
  auto w = writer::start(open_store(path), writer::mode::manual, here);
  std::vector<failure> told;
  const auto note = [&](const result<void>& r) { told.push_back(r ? failure{} : r.error()); };
  disk.fail_after_writes(0);
  w->post([](store& s) { s.manifest("a"); }, note);
  w->pump();
  disk.heal(); // too late: nothing is written any more
  w->post([](store& s) { s.manifest("b"); }, note);
  w->pump();
  BOOST_TEST_REQUIRE(told.size() == 2u);
  for (const auto& f : told) {
    BOOST_TEST(f.code == errc::ledger_failed);
    for (const char* part : {"disk is full", "Nothing further was sent", "Free space and run again", "batch.ledger"})
      BOOST_TEST(f.what.find(part) != std::string::npos, f.what << " lacks " << part);
  }
  w.reset();
  BOOST_TEST(must(must(reading::open(path)).manifests()).empty());
}

/// The ledger's own disk is well.
BOOST_AUTO_TEST_CASE(a_temporary_folder_that_fails_is_told_from_the_ledgers_disk_and_loses_nothing) {
  struct {
    void (*fail)();
    const char* reason;
  } const rows[] = {
      {&unreliable_disk::fill_temporary_folder, "database or disk is full"},
      {&unreliable_disk::close_temporary_folders, "there is no folder for it that can be written"},
  };
  constexpr std::uint64_t most = 300'000; // many times what SQLite keeps in memory of them
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.reason) {
      remove_ledger(path);
      std::uint64_t n = 0;
      {
        auto s = open_store_with(path, 0);
        const auto sent = import_one(s, ++n).id;
        bring_to(s, sent, job_state::submitted);
        row.fail();
        result<void> r;
        while (r && n < most)
          r = s.transact([&](store& l) {
            for (const auto last = n + 1000; n < last;) {
              ++n;
              l.import({key_of(n), key_of(n), "{}", l.manifest("a.jsonl"), n});
            }
          });
        disk.heal();
        BOOST_TEST_REQUIRE(!r);
        BOOST_TEST(r.error().code == errc::ledger_failed);
        for (const char* part : {"cannot go on with the ledger", "batch.ledger", "temporary file", row.reason,
                                 "Nothing further was sent", "SQLITE_TMPDIR", "run again"})
          BOOST_TEST(r.error().what.find(part) != std::string::npos, r.error().what << " lacks " << part);
      }
      const auto there = all_records(path);
      BOOST_TEST_REQUIRE(!there.empty());
      BOOST_TEST(there.front().state == job_state::submitted);
      auto s = open_store(path);
      for (std::uint64_t known = 1; known <= there.size(); known += 997)
        BOOST_TEST(import_one(s, known).kind == (known == 1 ? import_kind::skipped : import_kind::requeued));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
