#ifndef MCBATCH_LEDGER_WAL_CHECK_HPP
#define MCBATCH_LEDGER_WAL_CHECK_HPP

#include <istream>

namespace mcbatch::ledger {

/// Whether bytes of a write-ahead log (https://www.sqlite.org/fileformat.html, section 4) have changed after they were
/// on the disk. SQLite takes whatever stands behind the first frame that does not fit for torn by a crash, and leaves
/// it out without a word; there may be hundreds of records. But each commit is synced before the next begins: a crash
/// tears the last commit alone, so that of the log that belongs together no more than one commit may stand behind it.
bool log_is_damaged(std::istream& log);

} // namespace mcbatch::ledger

#endif
