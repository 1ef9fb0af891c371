#ifndef MCBATCH_QUOTA_EVENT_HPP
#define MCBATCH_QUOTA_EVENT_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <compare>
#include <cstdint>

namespace mcbatch::quota {

/// One request of one process, among all that ever spent the account's quota.
struct request_id {
  std::uint64_t process = 0; ///< random, one for each run
  std::uint64_t serial = 0;  ///< counts up from 1 within the run
  friend auto operator<=>(const request_id&, const request_id&) = default;
};

/// What can happen to a request, as far as the quota is concerned; and to a process that waits to send one, in whose
/// events the serial is that of the request which it sent last.
enum class event_kind : std::uint8_t {
  leave = 1,       ///< its token was spent and it goes out
  answer = 2,      ///< a whole answer came
  refusal = 3,     ///< a whole answer came: 429
  gave_up = 4,     ///< it left, and no whole answer came: the server may have counted it, and may yet
  unsent = 5,      ///< no byte of it left after all: the server cannot have counted it
  want = 6,        ///< the process waits for a token, until it leaves or is passed over
  passed_over = 7, ///< it is dead, or did not take its turn: nobody waits for it any longer
  over = 8,        ///< requests up to this one are long over, and no more of them is remembered than how many
};

/// Whether it tells of a request, and not of a process that waits.
constexpr bool is_of_request(event_kind kind) {
  return kind != event_kind::want && kind != event_kind::passed_over;
}

/// The governor's state is the fold of these over time. They are what the account's state file keeps, so that any
/// process of the account can make the same state again.
struct event {
  event_kind kind = event_kind::leave;
  request_id request;
  instant at;
  rate_info rate;             ///< of an answer or refusal
  duration timeout{};         ///< of a leave: how long its exchange may take; 0: as long as the reader's own
  std::uint64_t requests = 1; ///< of an `over`: how many ended at `at` or before, none of them told of before
};

} // namespace mcbatch::quota

#endif
