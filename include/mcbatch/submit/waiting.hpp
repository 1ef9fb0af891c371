#ifndef MCBATCH_SUBMIT_WAITING_HPP
#define MCBATCH_SUBMIT_WAITING_HPP

#include <mcbatch/core/time.hpp>

#include <optional>

namespace mcbatch::submit {

/// What a run waits for.
enum class waiting {
  nothing,
  answers,      ///< everything that may be in flight is
  jobs,         ///< the manifest is still being read
  backoff,      ///< all that is left is to be tried again later
  outage,       ///< the service does not work
  drain,        ///< the run stops, and answers are still out
  first_answer, ///< one request goes first
  window,       ///< a window of the quota is used up
  pause,        ///< a 429 asked for it
  pace,         ///< the next job is not due yet, at the rate that was set
};

struct wait_state {
  waiting what = waiting::nothing;
  std::optional<instant> until; ///< nothing: until the next event
  duration window{};            ///< which, for `window`
  friend bool operator==(const wait_state&, const wait_state&) = default;
};

} // namespace mcbatch::submit

#endif
