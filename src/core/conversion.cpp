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

namespace {

template <class T>
bool fill_in(T& known, const T& heard, const T& nothing = {}) {
  if (known != nothing || heard == nothing) return false;
  known = heard;
  return true;
}

/// What is true of a conversion once it has ended, and never changes.
bool learn_end(conversion& known, const conversion& heard) {
  bool news = fill_in(known.cost_micros, heard.cost_micros);
  news |= fill_in(known.processing_time, heard.processing_time);
  news |= fill_in(known.output_bytes, heard.output_bytes);
  news |= fill_in(known.ended_at, heard.ended_at);
  news |= fill_in(known.error, heard.error);
  news |= fill_in(known.message, heard.message);
  return news;
}

} // namespace

bool learn(conversion& known, const conversion& heard) {
  bool news = false;
  if (is_final(known.state)) {
    if (heard.state != known.state) return false;
    return learn_end(known, heard) | fill_in(known.progress_percent, heard.progress_percent);
  }
  if (heard.state > known.state) {
    known.state = heard.state;
    news = true;
  }
  // A failure may stand at less than was said on the way: the progress is then how far it came.
  const bool further =
      heard.progress_percent && (!known.progress_percent || *heard.progress_percent > *known.progress_percent);
  if (further ||
      (is_final(heard.state) && heard.progress_percent && heard.progress_percent != known.progress_percent)) {
    known.progress_percent = heard.progress_percent;
    news = true;
  }
  return is_final(known.state) ? learn_end(known, heard) | news : news;
}

} // namespace mcbatch
