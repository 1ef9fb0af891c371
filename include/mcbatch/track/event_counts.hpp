#ifndef MCBATCH_TRACK_EVENT_COUNTS_HPP
#define MCBATCH_TRACK_EVENT_COUNTS_HPP

#include <cstdint>

namespace mcbatch::track {

/// What came in as an event of the service's, and what it came to.
struct event_counts {
  std::uint64_t news = 0;      ///< a conversion is further than was known
  std::uint64_t no_news = 0;   ///< known before, or older than what is known
  std::uint64_t proofs = 0;    ///< a job in doubt turned out to be accepted
  std::uint64_t early = 0;     ///< of a job that the ledger does not know as submitted: kept
  std::uint64_t unproven = 0;  ///< without the right signature: refused
  std::uint64_t malformed = 0; ///< signed, and no event that the service documents: refused

  [[nodiscard]] std::uint64_t recorded() const { return news + no_news + proofs + early; }
  [[nodiscard]] std::uint64_t refused() const { return unproven + malformed; }
};

} // namespace mcbatch::track

#endif
