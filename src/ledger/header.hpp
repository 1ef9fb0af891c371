#ifndef MCBATCH_LEDGER_HEADER_HPP
#define MCBATCH_LEDGER_HEADER_HPP

#include <mcbatch/core/error.hpp>

#include <cstdint>
#include <filesystem>

namespace mcbatch::ledger {

/// "mcbt", as SQLite's application_id: marks a database as a ledger.
inline constexpr std::uint32_t application_id = 0x6d636274;

enum class found { nothing, ledger };

/// What stands at `path`, by its first bytes: SQLite never gets to see a file that is not ours.
/// Errors: `not_a_ledger` for any other file; `cannot_open`.
result<found> look_at(const std::filesystem::path& path);

/// Refuses a ledger that does not consist of whole pages, which SQLite may not notice: `ledger_failed`.
result<void> check_size(const std::filesystem::path& path);

/// Whether the header of the database at `path` says that it is in WAL mode.
bool in_wal_mode(const std::filesystem::path& path);

/// `path` with `suffix` after its name: the files that SQLite and the lock keep beside a ledger.
std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix);

/// Likewise, after the name that the ledger has behind links, by which SQLite goes.
std::filesystem::path beside(const std::filesystem::path& ledger, const char* suffix);

/// Whether there is a file that is not empty.
bool holds_something(const std::filesystem::path& file);

} // namespace mcbatch::ledger

#endif
