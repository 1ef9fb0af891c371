#include "totals.hpp"

#include "schema.hpp"

#include <mcbatch/core/money.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace mcbatch::ledger {

std::int64_t believed_cost(const sql::rows& r, int column) {
  return is_believed(r.integer(column)) ? r.integer(column) : 0;
}

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
  std::int64_t sum = 0;
  sql::statement all(db, "SELECT estimated_cost_micros FROM answers JOIN jobs USING (id) "
                         "WHERE state = 2 AND estimated_cost_micros IS NOT NULL");
  for (auto r = all.query(); r.next();)
    sum = add_saturating(sum, believed_cost(r, 0));
  return sum;
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
  std::int64_t sum = 0;
  sql::statement all(db, "SELECT cost_micros, estimated_cost_micros FROM conversions JOIN answers USING (id) "
                         "WHERE cost_micros IS NOT NULL");
  for (auto r = all.query(); r.next();)
    if (is_believed(r.integer(0))) sum = add_saturating(sum, r.integer(0) - believed_cost(r, 1));
  return sum;
}

unpriced count_unpriced(sql::database& db) {
  // A doubted job was sent once for each attempt: of those tries one at most has the price that is on record.
  sql::statement all(
      db, "SELECT jobs.state = 2, coalesce(cost_micros, estimated_cost_micros) IS NOT NULL, doubted, attempts "
          "FROM jobs LEFT JOIN answers USING (id) LEFT JOIN conversions USING (id) "
          "WHERE jobs.state IN (2, 4) OR (jobs.state = 0 AND doubted)");
  unpriced counts;
  for (auto r = all.query(); r.next();) {
    const bool submitted = r.integer(0) != 0, priced = submitted && r.integer(1) != 0;
    const auto tries = r.integer(2) != 0 ? std::max<std::uint64_t>(r.integer<std::uint64_t>(3), 1) : 1;
    counts.submitted += submitted && !priced ? 1U : 0U;
    counts.tries += tries - (priced ? 1U : 0U);
  }
  return counts;
}

std::vector<cost_line> costs_of(sql::database& db) {
  constexpr auto others = most_types + 1;                           // an earlier mcbatch told more of them apart
  std::map<std::pair<std::int64_t, std::int64_t>, cost_line> lines; // by type and state
  const bool followed = has_conversions(db);
  const bool heard = followed && sql::query_integer(db, "SELECT EXISTS (SELECT 1 FROM conversions)") != 0;
  std::string text = followed ? "SELECT type, " : "SELECT 0, ";
  text +=
      heard ? "coalesce(conversions.state, 0), estimated_cost_micros, cost_micros" : "0, estimated_cost_micros, NULL";
  text += " FROM jobs JOIN answers USING (id)";
  if (heard) text += " LEFT JOIN conversions USING (id)";
  sql::statement all(db, text += " WHERE jobs.state = 2");
  for (auto r = all.query(); r.next();) {
    auto& line = lines[{std::min(r.integer(0), others), r.integer(1)}];
    ++line.jobs;
    line.estimated_micros = add_saturating(line.estimated_micros, believed_cost(r, 2));
    line.final_micros = add_saturating(line.final_micros, believed_cost(r, 3));
    line.final_jobs += r.null(3) || !is_believed(r.integer(3)) ? 0U : 1U;
  }
  std::map<std::int64_t, std::string> names{{others, std::string(other_types)}};
  if (followed) {
    sql::statement types(db, "SELECT id, name FROM job_types WHERE id <= ?");
    for (auto r = types.query(most_types); r.next();)
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
