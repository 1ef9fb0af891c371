#ifndef MCBATCH_LEDGER_SYNC_HPP
#define MCBATCH_LEDGER_SYNC_HPP

#include <filesystem>

/// Bringing to the disk what SQLite does not: 0, or the errno of the failure.
namespace mcbatch::ledger {

/// The content of a file that SQLite does not have open: closing it here would let go of SQLite's locks on it
/// (https://www.sqlite.org/howtocorrupt.html, section 2.2).
int sync_content(const std::filesystem::path& file);

/// That `file` stands in its directory, and what else was made, renamed or removed there.
int sync_name(const std::filesystem::path& file);

} // namespace mcbatch::ledger

#endif
