#ifndef MCBATCH_REPORT_COSTS_HPP
#define MCBATCH_REPORT_COSTS_HPP

#include <mcbatch/ledger/conversions.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mcbatch::report {

/// Sums over lines. Amounts are in millionths of a euro.
struct cost_sums {
  std::uint64_t jobs = 0;
  std::int64_t estimated_micros = 0;
  std::int64_t final_micros = 0; ///< of `final_jobs`
  std::uint64_t final_jobs = 0;
};
cost_sums sum_of(const std::vector<ledger::cost_line>& lines);

/// How many conversions are in each state.
ledger::conversion_counts conversions_of(const std::vector<ledger::cost_line>& lines);

/// {"pending":0,"processing":0,...}
nlohmann::ordered_json conversions_json(const ledger::conversion_counts& counts);

/// {"estimated_micros":0,"final_micros":0,"final_jobs":0,"by":[{"job_type":"video","state":"completed",...}]}
nlohmann::ordered_json costs_json(const std::vector<ledger::cost_line>& lines);

/// A table for people: a row for each type and state. Empty where nothing was submitted.
std::string costs_text(const std::vector<ledger::cost_line>& lines);

} // namespace mcbatch::report

#endif
