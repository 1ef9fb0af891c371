#ifndef MCBATCH_LEDGER_WAL_FILE_HPP
#define MCBATCH_LEDGER_WAL_FILE_HPP

#include "sqlite.hpp"

#include <mcbatch/core/error.hpp>

#include <filesystem>

/// The ledger's write-ahead log, LEDGER-wal. While a run goes on, and after one that died, the newest records stand
/// there alone: a ledger that was copied or moved without it would send again what they tell of. So the log is kept to
/// be there whenever the ledger's header says that it is in WAL mode: where it is not, it was lost.
namespace mcbatch::ledger {

/// Refuses a ledger in WAL mode that has no log: `not_a_ledger`. It may be in use by a run meanwhile.
result<void> check_log(const std::filesystem::path& ledger);

/// Refuses a ledger whose log was damaged: `ledger_failed`. No run may be using it.
result<void> check_log_content(const std::filesystem::path& ledger);

/// Makes the log of a ledger that has none: an empty one is none to SQLite, and to us a sign that nothing was lost.
/// `sync_name` makes it durable. Throws sql::error.
void make_log(const std::filesystem::path& ledger);

/// Puts the ledger in WAL mode. Throws SQLite's errors.
void enter_wal(sql::database& db, const std::filesystem::path& ledger);

/// Whether the ledger is out of WAL mode now, and its log gone; false while a reader has it open. Throws SQLite's
/// errors.
bool leave_wal(sql::database& db, const std::filesystem::path& ledger);

/// The next best: folds the log in and empties it, unless a reader is in the middle. Throws SQLite's errors.
void empty_log(sql::database& db);

} // namespace mcbatch::ledger

#endif
