#ifndef MCBATCH_LEDGER_TOTALS_HPP
#define MCBATCH_LEDGER_TOTALS_HPP

#include "sqlite.hpp"

#include <mcbatch/core/job.hpp>
#include <mcbatch/ledger/conversions.hpp>

#include <cstdint>
#include <string_view>

namespace mcbatch::ledger {

/// A cost that a row holds; 0 where it holds none, or one that no job can have, as ledgers of an earlier mcbatch may.
std::int64_t believed_cost(const sql::rows& r, int column);

/// How many jobs are in each state. Reads every row of the hot table.
state_counts count_states(sql::database& db);

/// The service's estimates for all submitted jobs, in millionths of a euro.
std::int64_t submitted_cost_micros(sql::database& db);

/// How many of the conversions that more was heard of than their acceptance are in each state.
conversion_counts count_conversions(sql::database& db);

/// What was charged in the end, less what was estimated for the same jobs.
std::int64_t charged_beyond_estimates(sql::database& db);

/// What submitted and doubted jobs may cost beside that. Reads every row.
unpriced count_unpriced(sql::database& db);

constexpr std::int64_t most_types = 100; // that are told apart
constexpr std::string_view other_types = "other";

/// What submitted jobs cost, by type and by the state of their conversions, in that order. Reads every row.
std::vector<cost_line> costs_of(sql::database& db);

} // namespace mcbatch::ledger

#endif
