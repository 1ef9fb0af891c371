#ifndef MCBATCH_LEDGER_CONVERSIONS_HPP
#define MCBATCH_LEDGER_CONVERSIONS_HPP

#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/job.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::ledger {

/// A submitted job whose conversion has not ended, as far as the ledger knows.
struct open_conversion {
  std::int64_t id = 0;  ///< the ledger's row
  std::string job_id;   ///< the service's
  std::string job_type; ///< empty where an earlier mcbatch read the entry
  wall_time submitted_at{};
};

/// Some of the open conversions, and how far the ledger was searched for them.
struct open_conversions {
  std::vector<open_conversion> found;
  std::int64_t searched_to = 0;  ///< the row
  bool all_was_searched = false; ///< no row lies behind it
};

/// What the service said by itself, of a job that it calls by its own id.
struct heard_event {
  std::string job_id;
  std::optional<job_key> key; ///< of the job, where the event was sent to an address that names it
  conversion what;
};

/// What became of an event in the ledger.
enum class event_fate {
  news,    ///< the conversion is further than was known
  no_news, ///< it was known already, or is older than what is known
  proof,   ///< the job was in doubt: the event proves that the service has it
  early, ///< no submitted job has that id so far; it is kept, for the answer to the submission may still be on its way
};

/// What the ledger made of an event.
struct hearing {
  event_fate fate = event_fate::no_news;
  std::optional<std::int64_t> job; ///< its row; nothing where the event came early
  bool ended = false;              ///< the conversion ended by it; it had not before
};

/// What was new in something that was said of a conversion.
struct progress {
  bool is_news = false;
  bool ended = false; ///< it had not before
};

/// How many conversions are in each state. Those of submitted jobs of which nothing was heard are pending.
class conversion_counts {
public:
  std::uint64_t& operator[](conversion_state s) { return counts_[static_cast<std::size_t>(s)]; }
  std::uint64_t operator[](conversion_state s) const { return counts_[static_cast<std::size_t>(s)]; }
  [[nodiscard]] std::uint64_t ended() const {
    return (*this)[conversion_state::completed] + (*this)[conversion_state::failed] +
           (*this)[conversion_state::cancelled];
  }

private:
  std::array<std::uint64_t, all_conversion_states.size()> counts_{};
};

/// What jobs of one type cost whose conversions are in one state. Amounts are in millionths of a euro.
struct cost_line {
  std::string job_type; ///< empty where an earlier mcbatch read the entries
  conversion_state state = conversion_state::pending;
  std::uint64_t jobs = 0;
  std::int64_t estimated_micros = 0; ///< the sum of the service's estimates
  std::int64_t final_micros = 0;     ///< the sum of what it charged in the end, of the jobs of which that is known
  std::uint64_t final_jobs = 0;      ///< how many these are
};

/// What may cost something, and nothing is on record of how much.
struct unpriced {
  std::uint64_t submitted = 0; ///< jobs without an estimate and without a final cost
  std::uint64_t tries = 0;     ///< these, and every try that is in doubt, or was when its job was sent again
};

/// What became known of costs after a job was accepted.
struct late_costs {
  std::int64_t beyond_estimates = 0; ///< what was charged in the end, less the estimates for the same jobs
  std::uint64_t first_prices = 0;    ///< of jobs that had no estimate
};

} // namespace mcbatch::ledger

#endif
