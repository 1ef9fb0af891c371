#ifndef MCBATCH_LEDGER_RUNS_HPP
#define MCBATCH_LEDGER_RUNS_HPP

#include "sqlite.hpp"

#include <mcbatch/ledger/survey.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mcbatch::ledger {

std::vector<run_record> all_runs(sql::database& db);
std::optional<run_record> last_run(sql::database& db);
std::vector<std::string> manifest_names(sql::database& db);

} // namespace mcbatch::ledger

#endif
