#ifndef MCBATCH_CORE_CONVERSION_HPP
#define MCBATCH_CORE_CONVERSION_HPP

#include <mcbatch/core/time.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch {

/// How far the service is with what it was given to convert. The numbers are stored in ledgers: never change one, never
/// use one again.
enum class conversion_state : std::uint8_t {
  pending = 0,    ///< not begun, as far as is known
  processing = 1, ///< under way
  completed = 2,  ///< ended well
  failed = 3,     ///< ended badly
  cancelled = 4,  ///< ended by someone's wish
};

inline constexpr std::array all_conversion_states{conversion_state::pending, conversion_state::processing,
                                                  conversion_state::completed, conversion_state::failed,
                                                  conversion_state::cancelled};

/// The service's own words: "pending", "processing", "completed", "failed", "cancelled".
std::string_view to_string(conversion_state state) noexcept;
std::optional<conversion_state> conversion_state_from_string(std::string_view text) noexcept;

/// Whether nothing can follow.
constexpr bool is_final(conversion_state state) noexcept {
  return state >= conversion_state::completed;
}

/// What the service says of one conversion, in an answer or in an event. Nothing, or empty, is what it does not say.
struct conversion {
  conversion_state state = conversion_state::pending;
  std::optional<int> progress_percent;     ///< 0 to 100
  std::optional<std::int64_t> cost_micros; ///< the final cost, in millionths of a euro; not the estimate
  std::optional<std::chrono::seconds> processing_time;
  std::optional<std::int64_t> output_bytes;
  std::string error;                 ///< the service's code of a failure
  std::string message;               ///< its words: one line, bounded, fit to be shown
  std::optional<wall_time> ended_at; ///< by the service's clock
};

/// Adds what was `heard` to what is `known` of one conversion. Words may come late, twice and out of order: what has
/// ended stays as it ended, nothing goes back, and only what was missing is added to it. Returns whether anything is
/// new.
bool learn(conversion& known, const conversion& heard);

} // namespace mcbatch

#endif
