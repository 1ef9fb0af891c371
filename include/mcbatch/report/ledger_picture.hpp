#ifndef MCBATCH_REPORT_LEDGER_PICTURE_HPP
#define MCBATCH_REPORT_LEDGER_PICTURE_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/report/history.hpp>
#include <mcbatch/report/picture.hpp>

#include <string>
#include <vector>

namespace mcbatch::report {

/// What a ledger shows at `now`, all of one moment, also while a run is writing. It reads every job, in constant
/// memory. `path` is the ledger's, as it was named. Errors: as of `ledger::reading`.
result<picture> picture_of(ledger::reading& ledger, const std::string& path, wall_time now);

/// The limits and the tier of the last run that left a summary. A tier whose limits were replaced is none.
struct known_quota {
  std::vector<limit_use> limits;
  std::string tier;
};
known_quota quota_of(const std::vector<ledger::run_record>& runs);

/// What is on its way is no problem while a run goes on.
void drop_what_is_being_sent(ledger::problem_groups& problems);

/// Adds what a ledger keeps of a job's last try.
void add_try(history& h, const ledger::try_record& t);

} // namespace mcbatch::report

#endif
