#include "totals.hpp"

namespace mcbatch::ledger {

state_counts count_states(sql::database& db) {
  state_counts counts;
  sql::statement by_state(db, "SELECT state, count(*) FROM jobs GROUP BY state");
  for (auto r = by_state.query(); r.next();) {
    const auto state = r.integer<std::size_t>(0);
    if (state >= all_job_states.size()) throw sql::error(SQLITE_CORRUPT, "a job has a state that does not exist");
    counts[all_job_states[state]] = r.integer<std::uint64_t>(1);
  }
  return counts;
}

std::int64_t submitted_cost_micros(sql::database& db) {
  return sql::query_integer(db, "SELECT sum(estimated_cost_micros) FROM answers JOIN jobs USING (id) WHERE state = 2");
}

} // namespace mcbatch::ledger
