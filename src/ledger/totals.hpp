#ifndef MCBATCH_LEDGER_TOTALS_HPP
#define MCBATCH_LEDGER_TOTALS_HPP

#include "sqlite.hpp"

#include <mcbatch/core/job.hpp>

#include <cstdint>

namespace mcbatch::ledger {

/// How many jobs are in each state. Reads every row of the hot table.
state_counts count_states(sql::database& db);

/// The service's estimates for all submitted jobs, in millionths of a euro.
std::int64_t submitted_cost_micros(sql::database& db);

} // namespace mcbatch::ledger

#endif
