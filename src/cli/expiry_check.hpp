#ifndef MCBATCH_CLI_EXPIRY_CHECK_HPP
#define MCBATCH_CLI_EXPIRY_CHECK_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/submit/expiry.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace mcbatch::cli {

/// An entry with a presigned URL: where it stands and when the first of its URLs ends. In 16 bytes, since `check` keeps
/// one for each.
struct ending_entry {
  ending_entry(wall_time e, std::uint64_t m, std::uint64_t l)
      : ends(e), manifest(m & 0xff'ffff), line(l & 0xff'ffff'ffff) {}

  wall_time ends;
  std::uint64_t manifest : 24; ///< which of those that are checked
  std::uint64_t line : 40;
};

/// Entries that cannot be sent in time.
struct expiring_entries {
  struct listed {
    ending_entry entry;
    wall_time turn; ///< when it would have been sent
  };
  std::uint64_t count = 0;
  std::uint64_t ended = 0;   ///< those of them whose URLs have ended by now
  std::vector<listed> first; ///< those that end soonest
};

/// Which of `entries` are dead on arrival, given `margin`, when their turn comes: soonest to expire first, as `submit`
/// sends them wherever that saves some. Lists `most` of them.
expiring_entries find_expiring(std::deque<ending_entry> entries, submit::turn_of_request turns, wall_time now,
                               duration margin, std::size_t most);

} // namespace mcbatch::cli

#endif
