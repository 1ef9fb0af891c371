#ifndef MCBATCH_LEDGER_RECORDS_HPP
#define MCBATCH_LEDGER_RECORDS_HPP

#include "sqlite.hpp"

#include <mcbatch/ledger/record.hpp>

#include <functional>

namespace mcbatch::ledger {

/// Calls `each` for the jobs in the states of `filter`, in manifest order, until it returns false. SQLite's errors are
/// thrown.
void for_each_record(sql::database& db, const record_filter& filter, const std::function<bool(const record&)>& each);

} // namespace mcbatch::ledger

#endif
