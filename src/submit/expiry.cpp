#include <mcbatch/core/text.hpp>
#include <mcbatch/submit/expiry.hpp>

#include <utility>

namespace mcbatch::submit {
namespace {

/// On the civil clock, whose microseconds reach further than nanoseconds do.
wall_time::duration civil(duration d) {
  return std::chrono::duration_cast<wall_time::duration>(d);
}

} // namespace

bool is_dead_on_arrival(std::optional<wall_time> ends, wall_time now, duration margin) {
  return ends && *ends - civil(margin) <= now;
}

std::string expiry_sentence(wall_time ends, wall_time now, duration margin, bool doubted) {
  const bool ended = ends <= now;
  auto text = std::string("a presigned URL of it ") + (ended ? "ended at " : "ends at ") + format_time(ends);
  if (!ended) text += ", within the " + format_duration(margin) + " that the service is given to fetch it";
  if (!doubted)
    return text + ", so it was not sent: put fresh URLs in the manifest, and submit that to the same ledger";
  return text +
         ", so it was not sent again; an earlier try may have been accepted: look whether the service has it, "
         "and if not, put it back with retry --in-doubt and submit a manifest with fresh URLs to the same ledger";
}

expiry_forecast::expiry_forecast(turn_of_request turns, wall_time now, duration margin)
    : turns_(std::move(turns)), now_(now), turn_(now + civil(turns_(0))), margin_(margin) {}

expiry_forecast::fate expiry_forecast::next(std::optional<wall_time> ends) {
  if (is_dead_on_arrival(ends, now_, margin_)) return fate::dead;
  if (is_dead_on_arrival(ends, turn_, margin_)) return fate::late;
  turn_ = now_ + civil(turns_(++sent_));
  return fate::in_time;
}

} // namespace mcbatch::submit
