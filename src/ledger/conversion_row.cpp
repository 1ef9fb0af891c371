#include "conversion_row.hpp"

namespace mcbatch::ledger {

conversion conversion_of(const sql::rows& r, int first) {
  conversion c;
  const auto number = [&](int column) {
    return r.null(first + column) ? std::nullopt : std::optional(r.integer(first + column));
  };
  c.state = static_cast<conversion_state>(r.integer<std::uint8_t>(first));
  if (!r.null(first + 1)) c.progress_percent = r.integer<int>(first + 1);
  c.cost_micros = number(2);
  if (const auto s = number(3)) c.processing_time = std::chrono::seconds(*s);
  c.output_bytes = number(4);
  c.error = r.bytes(first + 5);
  c.message = r.bytes(first + 6);
  if (!r.null(first + 7)) c.ended_at = r.time(first + 7);
  return c;
}

} // namespace mcbatch::ledger
