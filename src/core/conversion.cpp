#include <mcbatch/core/conversion.hpp>

namespace mcbatch {

std::string_view to_string(conversion_state state) noexcept {
  switch (state) {
  case conversion_state::pending:
    return "pending";
  case conversion_state::processing:
    return "processing";
  case conversion_state::completed:
    return "completed";
  case conversion_state::failed:
    return "failed";
  case conversion_state::cancelled:
    return "cancelled";
  }
  return "unknown";
}

std::optional<conversion_state> conversion_state_from_string(std::string_view text) noexcept {
  for (const auto state : all_conversion_states)
    if (to_string(state) == text) return state;
  return std::nullopt;
}

} // namespace mcbatch
