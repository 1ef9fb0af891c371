#ifndef MCBATCH_LEDGER_ORIGINAL_HPP
#define MCBATCH_LEDGER_ORIGINAL_HPP

#include "sqlite.hpp"

#include <mcbatch/core/error.hpp>

#include <filesystem>
#include <string_view>

/// A ledger remembers which file it was last written in, so that a copy can be told from it.
namespace mcbatch::ledger {

/// Whether two marks, as a ledger remembers its file by, are those of two files for certain: some file systems give new
/// inode numbers at each mount, and not every one keeps the time of birth. Pure.
bool tells_of_another_file(std::string_view then, std::string_view now);

/// Whether the ledger stands in another file than the one it was last written in. Throws SQLite's errors.
bool is_copy(sql::database& db, const std::filesystem::path& path);

/// Remembers that it stands in this file from now on. Throws SQLite's errors.
void remember_file(sql::database& db, const std::filesystem::path& path);

/// Refuses a copy with records in its log: copied one after the other while a run went on, the two need not belong
/// together, and what is missing would be sent again. `not_a_ledger`; throws SQLite's errors.
result<void> check_original(sql::database& db, const std::filesystem::path& path);

} // namespace mcbatch::ledger

#endif
