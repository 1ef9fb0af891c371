#include "totals.hpp"

#include "schema.hpp"

#include <map>
#include <string>
#include <utility>

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

conversion_counts count_conversions(sql::database& db) {
  conversion_counts counts;
  sql::statement all(db, "SELECT state FROM conversions"); // grouped, they would be sorted
  for (auto r = all.query(); r.next();) {
    const auto state = r.integer<std::uint64_t>(0);
    if (state >= all_conversion_states.size())
      throw sql::error(SQLITE_CORRUPT, "a conversion has a state that does not exist");
    ++counts[static_cast<conversion_state>(state)];
  }
  return counts;
}

std::int64_t charged_beyond_estimates(sql::database& db) {
  return sql::query_integer(db, "SELECT sum(cost_micros - coalesce(estimated_cost_micros, 0)) "
                                "FROM conversions JOIN answers USING (id) WHERE cost_micros IS NOT NULL");
}

std::vector<cost_line> costs_of(sql::database& db) {
  std::map<std::pair<std::int64_t, std::int64_t>, cost_line> lines; // by type and state
  const bool followed = has_conversions(db);
  sql::statement all(db, followed ? "SELECT type, coalesce(conversions.state, 0), estimated_cost_micros, cost_micros "
                                    "FROM jobs JOIN answers USING (id) LEFT JOIN conversions USING (id) "
                                    "WHERE jobs.state = 2"
                                  : "SELECT 0, 0, estimated_cost_micros, NULL FROM jobs JOIN answers USING (id) "
                                    "WHERE state = 2");
  for (auto r = all.query(); r.next();) {
    auto& line = lines[{r.integer(0), r.integer(1)}];
    ++line.jobs;
    line.estimated_micros += r.integer(2);
    line.final_micros += r.integer(3);
    line.final_jobs += r.null(3) ? 0U : 1U;
  }
  std::map<std::int64_t, std::string> names;
  if (followed) {
    sql::statement types(db, "SELECT id, name FROM job_types");
    for (auto r = types.query(); r.next();)
      names.emplace(r.integer(0), r.bytes(1));
  }
  std::vector<cost_line> costs;
  for (auto& [place, line] : lines) {
    line.job_type = names[place.first];
    line.state = static_cast<conversion_state>(place.second);
    costs.push_back(std::move(line));
  }
  return costs;
}

} // namespace mcbatch::ledger
