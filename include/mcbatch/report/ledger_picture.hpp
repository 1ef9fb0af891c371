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

struct time_span {
  wall_time from, to;
  [[nodiscard]] bool holds(wall_time t) const { return from <= t && t <= to; }
};

/// Adds what a ledger keeps of a job's last try, and says whether it did: not a try whose times are outside `span`, for
/// a clock that was wrong gave them. The end of a conversion is by the service's clock, and is brought into it.
bool add_try(history& h, const ledger::try_record& t, time_span span);

/// What is on its way is no problem while a run goes on.
void drop_what_is_being_sent(ledger::problem_groups& problems);

} // namespace mcbatch::report

#endif
