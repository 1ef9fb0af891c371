#ifndef MCBATCH_LEDGER_SCHEMA_HPP
#define MCBATCH_LEDGER_SCHEMA_HPP

#include "sqlite.hpp"

#include <mcbatch/core/error.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace mcbatch::ledger {

/// Creates a ledger of the present version at `path`, mode 0600. It appears whole or not at
/// all. The caller holds the lock.
/// Errors: `cannot_write`; SQLite's are thrown.
result<void> create_ledger(const std::filesystem::path& path, const std::optional<std::string>& key_field);

/// Refuses a ledger whose version this program does not know: `not_a_ledger`.
result<void> check_version(sql::database& db, const std::filesystem::path& path);

/// Gives a ledger its present indexes, and the tables, the columns and the secret that came later. Runs without an end
/// died, for the caller holds the lock. It keeps its version, for an earlier mcbatch works on it rightly: it looks keys
/// up without an index, slowly, and passes over what it does not know. `follow`: with the indexes by which events find
/// their jobs.
void renew(sql::database& db, bool follow);

/// Whether the ledger has those tables and that column. One that no later mcbatch has opened for writing has not.
bool has_conversions(sql::database& db);

/// Likewise whether it has a record of what the service does not know, and of what each run was for.
bool has_missing(sql::database& db);
bool has_run_kinds(sql::database& db);

} // namespace mcbatch::ledger

#endif
