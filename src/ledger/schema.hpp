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

/// Gives a ledger its present indexes: an early one's let a line have one bad entry only, and its keys had one. Indexes
/// hold no records, so that it keeps its version: an earlier mcbatch looks keys up without one, rightly and slowly.
void renew_indexes(sql::database& db);

} // namespace mcbatch::ledger

#endif
