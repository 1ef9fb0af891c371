#include "failures.hpp"

#include "moved_keys.hpp"

#include <string>
#include <string_view>

namespace mcbatch::ledger {
namespace {

bool is_of_temporary_file(const std::exception& e) {
  return dynamic_cast<const temporary_file_error*>(&e) != nullptr;
}

std::string_view advice(const std::exception& e) {
  const auto* by_sqlite = dynamic_cast<const sql::error*>(&e);
  if (by_sqlite == nullptr) return "Run the command again.";
  if (by_sqlite->out_of_files()) return "Raise the limit on open files (ulimit -n), then run again.";
  if (is_of_temporary_file(e))
    return "Free space for it, or name a folder that has some with SQLITE_TMPDIR, then run again.";
  switch (by_sqlite->code()) {
  case SQLITE_FULL:
    return "Free space and run again.";
  case SQLITE_IOERR:
    return "Check the disk and its free space, then run again.";
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
    return "Make the ledger and its directory readable and writable, then run again.";
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return "The file is damaged: restore it from a copy, for a new ledger would submit everything again.";
  default:
    return "Run the command again.";
  }
}

std::string with_advice(std::string what, const std::exception& e) {
  what += advice(e);
  return what;
}

} // namespace

failure write_failure(const std::filesystem::path& ledger, const std::exception& e) {
  const std::string cannot = is_of_temporary_file(e) ? "cannot go on with the ledger " : "cannot write the ledger ";
  const auto what = cannot + ledger.string() + ": " + e.what() + ". Nothing further was sent. ";
  return {errc::ledger_failed, with_advice(what, e)};
}

failure read_failure(const std::filesystem::path& ledger, const std::exception& e) {
  return {errc::cannot_open, with_advice("cannot read the ledger " + ledger.string() + ": " + e.what() + ". ", e)};
}

} // namespace mcbatch::ledger
