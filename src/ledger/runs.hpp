#ifndef MCBATCH_LEDGER_RUNS_HPP
#define MCBATCH_LEDGER_RUNS_HPP

#include "sqlite.hpp"

#include <mcbatch/ledger/survey.hpp>

#include <string>
#include <vector>

namespace mcbatch::ledger {

/// A row of started_at, ended_at, stop_reason, summary.
run_record run_of(const sql::rows& r);

std::vector<run_record> all_runs(sql::database& db);
std::vector<std::string> manifest_names(sql::database& db);

} // namespace mcbatch::ledger

#endif
