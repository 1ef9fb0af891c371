#include "wal_file.hpp"

#include "header.hpp"
#include "sync.hpp"
#include "wal_check.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mcbatch::ledger {
namespace {

/// Into WAL mode and out of it a ledger comes by a few of the first hundred bytes of its file, which it is good with
/// whichever of them reach the disk: no journal on the disk, with three syncs of its own, need tell how to undo that.
constexpr const char* without_journal = "PRAGMA journal_mode = MEMORY";

sql::error cannot_create(const std::filesystem::path& log, int reason) {
  return {SQLITE_CANTOPEN, "cannot create " + log.string() + " (" + std::generic_category().message(reason) + ")"};
}

/// As SQLite sees it: to open and close the file here would let go of its locks.
bool is_in_wal_mode(sql::database& db) {
  sql::query_integer(db, "SELECT count(*) FROM sqlite_schema"); // it has a look at the file
  sql::statement ask(db, "PRAGMA journal_mode");
  auto mode = ask.query();
  return mode.next() && mode.bytes(0) == "wal";
}

failure log_lost(const std::filesystem::path& ledger) {
  const auto log = beside(ledger, "-wal").string();
  return {errc::not_a_ledger,
          "the ledger " + ledger.string() + " was copied or moved without its log " + log +
              ", in which the newest records are: jobs that they tell of would be sent again. Put the log back beside "
              "it, or use the ledger where it was. Only if you know that another program has folded the log in: "
              "sqlite3 LEDGER 'PRAGMA journal_mode = DELETE' makes it usable."};
}

} // namespace

result<void> check_log(const std::filesystem::path& ledger) {
  // A run that ends leaves WAL mode, and then removes its log; one that begins makes a log first. So a ledger that has
  // no log between two looks that both found WAL mode has lost it, unless runs ended and began meanwhile.
  constexpr int looks = 3;
  for (int look = 0; look < looks; ++look) {
    std::error_code failed; // then SQLite says why
    if (!in_wal_mode(ledger) || std::filesystem::exists(beside(ledger, "-wal"), failed) || failed) return {};
  }
  return log_lost(ledger);
}

result<void> check_log_content(const std::filesystem::path& ledger) {
  const auto path = beside(ledger, "-wal");
  std::ifstream log(path, std::ios::binary); // where it cannot be read, SQLite says so
  if (!in_wal_mode(ledger) || !log_is_damaged(log)) return {};
  return failure{errc::ledger_failed,
                 "the log " + path.string() + " of the ledger " + ledger.string() +
                     " is damaged: the records behind the damage are lost, and the jobs that they tell of would be "
                     "sent again. Restore both from a copy; a new ledger would submit everything again."};
}

void make_log(const std::filesystem::path& ledger) {
  const auto path = beside(ledger, "-wal");
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const int reason = errno;
  if (fd >= 0) ::fchmod(fd, S_IRUSR | S_IWUSR); // whatever the umask took away
  if (fd >= 0) ::close(fd);
  if (fd < 0) throw cannot_create(path, reason);
}

void enter_wal(sql::database& db, const std::filesystem::path& ledger) {
  if (is_in_wal_mode(db)) return;
  make_log(ledger);
  // Its name may be no more on the disk where it was there already: a run that died may have made it.
  const auto log = beside(ledger, "-wal");
  if (const int reason = sync_name(log); reason != 0) throw cannot_create(log, reason);
  db.exec(without_journal);
  sql::statement wal(db, "PRAGMA journal_mode = WAL");
  auto mode = wal.query();
  // To its end: the change is committed there, after the row that tells of it.
  if (!mode.next() || mode.bytes(0) != "wal" || mode.next())
    throw sql::error(SQLITE_READONLY, "it cannot be put in WAL mode: the file or its file system does not allow it");
}

bool leave_wal(sql::database& db, const std::filesystem::path& ledger) {
  try {
    db.exec("PRAGMA journal_size_limit = 0"); // SQLite then empties the log in place of removing it too early
    db.exec(without_journal);
  } catch (const sql::error& e) {
    if (e.code() == SQLITE_BUSY || e.code() == SQLITE_LOCKED) return false;
    throw;
  }
  std::error_code harmless; // what is left is empty
  if (const auto log = beside(ledger, "-wal"); !holds_something(log)) std::filesystem::remove(log, harmless);
  std::filesystem::remove(beside(ledger, "-shm"), harmless);
  return true;
}

void empty_log(sql::database& db) {
  db.exec("PRAGMA busy_timeout = 0"); // a reader may take as long as it likes
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

} // namespace mcbatch::ledger
