#ifndef MCBATCH_SUBMIT_EXPIRY_HPP
#define MCBATCH_SUBMIT_EXPIRY_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::submit {

/// The `error` of a job that was not sent since its URLs had expired.
inline constexpr std::string_view expired_unsent = "expired";

/// Whether a request that leaves at `now` would come too late for a presigned URL that ends at `ends` (nothing: never):
/// the service fetches it only after that, and is given `margin` to do so.
bool is_dead_on_arrival(std::optional<wall_time> ends, wall_time now, duration margin);

/// Why a job was not sent, and what to do: a sentence. `doubted`: an earlier try of it may have been accepted.
std::string expiry_sentence(wall_time ends, wall_time now, duration margin, bool doubted);

/// When the turn of the request number so and so, counted from 0, comes after the start; it never falls.
using turn_of_request = std::function<duration(std::uint64_t)>;

/// Foretells what becomes of jobs, asked about one after the other in the order in which they are to be sent. Those
/// that will be dead on arrival are not sent, and take nobody's turn. Not thread-safe.
///
/// Sent soonest to expire first, the most jobs possible are in time, since each job takes one turn: where some order
/// has a set of jobs in time, they are in time as well when they are sorted by their ends, and skipping a job that is
/// late for the next turn loses nothing, since every later turn is later still.
class expiry_forecast {
public:
  enum class fate {
    in_time,
    late, ///< alive now, and dead on arrival when its turn comes
    dead, ///< dead on arrival now already
  };

  expiry_forecast(turn_of_request turns, wall_time now, duration margin);

  /// The fate of the next job.
  fate next(std::optional<wall_time> ends);

  /// The turn that the next job has.
  [[nodiscard]] wall_time turn() const { return turn_; }

private:
  turn_of_request turns_;
  wall_time now_, turn_;
  duration margin_;
  std::uint64_t sent_ = 0;
};

} // namespace mcbatch::submit

#endif
