#include "survey.hpp"

#include "missing_jobs.hpp"
#include "problems.hpp"
#include "runs.hpp"
#include "totals.hpp"

namespace mcbatch::ledger {

survey survey_of(sql::database& db, std::size_t most_groups, std::size_t most_places) {
  return {manifest_names(db),
          count_states(db),
          costs_of(db),
          count_missing(db),
          group_problems(db, most_groups, most_places),
          all_runs(db)};
}

} // namespace mcbatch::ledger
