#include <mcbatch/report/following.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mcbatch::report {

using json = nlohmann::ordered_json;

json polls_json(const poll_counts& polls) {
  auto by_status = json::object();
  for (const auto& [status, count] : polls.by_status)
    by_status[std::to_string(status)] = count;
  return {
      {"sent", polls.sent}, {"by_status", by_status}, {"rate_limited", polls.rate_limited}, {"failed", polls.failed}};
}

json events_json(const std::optional<track::event_counts>& events) {
  if (!events) return nullptr;
  return {{"news", events->news},   {"no_news", events->no_news},   {"proofs", events->proofs},
          {"early", events->early}, {"unproven", events->unproven}, {"malformed", events->malformed}};
}

std::string following_text(const following& f) {
  const auto events = f.events.value_or(track::event_counts{});
  if (f.polls.sent + events.recorded() + events.refused() == 0) return {};
  auto text = count_of(f.polls.sent, "request", "requests");
  if (f.events) text += fmt::format(" and {}", count_of(events.recorded(), "event", "events"));
  text += " about conversions";
  if (events.refused() > 0) text += fmt::format(", {} refused", count_of(events.refused(), "event", "events"));
  return text;
}

} // namespace mcbatch::report
