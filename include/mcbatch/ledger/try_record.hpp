#ifndef MCBATCH_LEDGER_TRY_RECORD_HPP
#define MCBATCH_LEDGER_TRY_RECORD_HPP

#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>

#include <optional>

namespace mcbatch::ledger {

/// The last try of a job, and what became of it: all that a ledger keeps of the requests that it saw.
struct try_record {
  wall_time sent_at{};
  std::optional<wall_time> answered_at; ///< when its end was recorded; not before `sent_at` where an answer was timed
  job_state state = job_state::pending; ///< what the job is in now
  int http_status = 0;                  ///< 0: no whole answer came, or none so far
  conversion_state conversion = conversion_state::pending;
  std::optional<wall_time> ended_at; ///< when the conversion ended, by the service's clock as far as that can be
};

} // namespace mcbatch::ledger

#endif
