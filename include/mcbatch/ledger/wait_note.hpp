#ifndef MCBATCH_LEDGER_WAIT_NOTE_HPP
#define MCBATCH_LEDGER_WAIT_NOTE_HPP

#include <mcbatch/core/time.hpp>

#include <string>

namespace mcbatch::ledger {

/// What the run that holds the ledger waits for, as it leaves it there for others to see.
struct wait_note {
  std::string what;   ///< "window", "pause" or "outage"
  std::string window; ///< the limit whose window binds, "10000/1h"; empty where that is not what is waited for
  wall_time until{};
  friend bool operator==(const wait_note&, const wait_note&) = default;
};

} // namespace mcbatch::ledger

#endif
