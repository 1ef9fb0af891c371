#include "original.hpp"

#include "header.hpp"

#include <fcntl.h>
#include <string>
#include <sys/stat.h>

namespace mcbatch::ledger {
namespace {

/// What a file has and its copies have not: its inode number and its time of birth, "INODE@SECONDS.NANOSECONDS". Empty
/// where the file system does not keep both. The device is no part of it, for its number may change at each boot.
std::string mark_of(const std::filesystem::path& path) {
  struct statx about {};
  constexpr unsigned both = STATX_INO | STATX_BTIME;
  if (::statx(AT_FDCWD, path.c_str(), 0, both, &about) != 0 || (about.stx_mask & both) != both) return {};
  return std::to_string(about.stx_ino) + "@" + std::to_string(about.stx_btime.tv_sec) + "." +
         std::to_string(about.stx_btime.tv_nsec);
}

} // namespace

bool tells_of_another_file(std::string_view then, std::string_view now) {
  const auto at_then = then.find('@'), at_now = now.find('@');
  if (at_then == std::string_view::npos || at_now == std::string_view::npos) return false;
  return then.substr(0, at_then) != now.substr(0, at_now) && then.substr(at_then) != now.substr(at_now);
}

bool is_copy(sql::database& db, const std::filesystem::path& path) {
  sql::statement find(db, "SELECT value FROM meta WHERE name = 'file'");
  auto r = find.query();
  return r.next() && tells_of_another_file(r.bytes(0), mark_of(path));
}

void remember_file(sql::database& db, const std::filesystem::path& path) {
  sql::statement remember(db, "INSERT INTO meta(name, value) VALUES ('file', ?1) "
                              "ON CONFLICT DO UPDATE SET value = ?1 WHERE value IS NOT ?1");
  remember.run(mark_of(path));
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
