#include "original.hpp"

#include "header.hpp"

#include <fcntl.h>
#include <string>
#include <sys/stat.h>

namespace mcbatch::ledger {
namespace {

/// What a file has and its copies have not: its inode number and, where the file system keeps it, its time of birth.
/// Empty where neither can be had. The device is no part of it, for its number may change at each boot.
std::string mark_of(const std::filesystem::path& path) {
  struct statx about {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &about) != 0) return {};
  if ((about.stx_mask & STATX_INO) == 0) return {};
  auto mark = std::to_string(about.stx_ino);
  if ((about.stx_mask & STATX_BTIME) != 0)
    mark += "@" + std::to_string(about.stx_btime.tv_sec) + "." + std::to_string(about.stx_btime.tv_nsec);
  return mark;
}

} // namespace

bool is_copy(sql::database& db, const std::filesystem::path& path) {
  sql::statement find(db, "SELECT value FROM meta WHERE name = 'file'");
  auto r = find.query();
  if (!r.next()) return false;
  const auto mark = mark_of(path);
  return !mark.empty() && r.bytes(0) != mark;
}

void remember_file(sql::database& db, const std::filesystem::path& path) {
  sql::statement(db, "REPLACE INTO meta(name, value) VALUES ('file', ?)").run(mark_of(path));
}

result<void> check_original(sql::database& db, const std::filesystem::path& path) {
  if (!holds_something(beside(path, "-wal")) || !is_copy(db, path)) return {};
  return failure{errc::not_a_ledger,
                 "the ledger " + path.string() +
                     " is a copy that was made while a run used it, or after one that died: its log may not belong to "
                     "it, and jobs that were sent could be sent again. Copy it when a run has ended, or use the ledger "
                     "where it was. Only if nothing wrote to either file while they were copied: sqlite3 LEDGER "
                     "'PRAGMA journal_mode = DELETE' makes it usable."};
}

} // namespace mcbatch::ledger
