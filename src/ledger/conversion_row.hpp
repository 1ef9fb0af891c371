#ifndef MCBATCH_LEDGER_CONVERSION_ROW_HPP
#define MCBATCH_LEDGER_CONVERSION_ROW_HPP

#include "sqlite.hpp"

#include <mcbatch/core/conversion.hpp>

namespace mcbatch::ledger {

/// A conversion from the column `first` on, in the order of the tables that hold one.
conversion conversion_of(const sql::rows& r, int first);

} // namespace mcbatch::ledger

#endif
