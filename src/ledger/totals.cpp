#include "totals.hpp"

#include <string>

namespace mcbatch::ledger {

state_counts count_states(sql::database& db) {
  // One pass without sorting, which grouping by the state would be.
  std::string text = "SELECT count(*)";
  for (const auto state : all_job_states)
    text += ", count(*) FILTER (WHERE state = " + std::to_string(static_cast<int>(state)) + ")";
  sql::statement by_state(db, text += " FROM jobs");
  auto r = by_state.query();
  state_counts counts;
  if (!r.next()) return counts;
  for (int column = 0; const auto state : all_job_states)
    counts[state] = r.integer<std::uint64_t>(++column);
  if (counts.total() != r.integer<std::uint64_t>(0))
    throw sql::error(SQLITE_CORRUPT, "a job has a state that does not exist");
  return counts;
}

std::int64_t submitted_cost_micros(sql::database& db) {
  return sql::query_integer(db, "SELECT sum(estimated_cost_micros) FROM answers JOIN jobs USING (id) WHERE state = 2");
}

} // namespace mcbatch::ledger
