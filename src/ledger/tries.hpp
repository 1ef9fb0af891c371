#ifndef MCBATCH_LEDGER_TRIES_HPP
#define MCBATCH_LEDGER_TRIES_HPP

#include "sqlite.hpp"

#include <mcbatch/ledger/try_record.hpp>

#include <functional>

namespace mcbatch::ledger {

/// Calls `each` for every job that was sent, in the order of sending. SQLite's errors are thrown.
void visit_tries(sql::database& db, const std::function<void(const try_record&)>& each);

} // namespace mcbatch::ledger

#endif
