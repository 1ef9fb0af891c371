#include <mcbatch/api/conversion.hpp>

#include "json_members.hpp"
#include "tidy.hpp"

#include <mcbatch/core/date.hpp>

#include <algorithm>

namespace mcbatch::api {
namespace {

namespace dom = simdjson::dom;

failure unreadable(std::string_view what, std::string_view why) {
  return {errc::broken_exchange, std::string(what) + " cannot be read: " + std::string(why)};
}

/// The first of these members that is there.
std::string first_text(const dom::object& object, std::initializer_list<std::string_view> names) {
  for (const auto name : names)
    if (auto text = text_member(object, name); !text.empty()) return text;
  return {};
}

std::optional<wall_time> end_of(const dom::object& object, conversion_state state) {
  const auto own = state == conversion_state::completed ? "completed_at"
                   : state == conversion_state::failed  ? "failed_at"
                                                        : "cancelled_at";
  return parse_rfc3339(first_text(object, {own, "ended_at", "updated_at"}));
}

conversion conversion_of(const dom::object& object, conversion_state state, std::string_view secret) {
  conversion c;
  c.state = state;
  if (const auto percent = amount_member(object, "progress_percentage"))
    c.progress_percent = static_cast<int>(std::min<std::int64_t>(*percent, 100));
  if (!is_final(state)) return c;
  c.cost_micros = cost_member(object, "cost_micros");
  if (const auto s = amount_member(object, "processing_time_seconds")) c.processing_time = std::chrono::seconds(*s);
  c.output_bytes = amount_member(object, "output_size_bytes");
  c.ended_at = end_of(object, state);
  if (state == conversion_state::completed) return c;
  c.error = tidy(first_text(object, {"error_code", "error"}), secret);
  c.message = tidy(first_text(object, {"error_message", "message"}), secret);
  return c;
}

/// What can be told in one word more than the documented ones is no end, as far as anybody knows.
result<job_news> read(const dom::object& object, std::string_view id, std::string_view what, std::string_view secret) {
  const auto status = text_member(object, "status");
  if (status.empty()) return unreadable(what, "it has no status");
  const auto state = conversion_state_from_string(status);
  job_news news;
  news.job_id = tidy(text_member(object, id), secret);
  news.what = conversion_of(object, state.value_or(conversion_state::pending), secret);
  if (!state) news.unknown_status = tidy(status, secret);
  return news;
}

} // namespace

result<job_news> parse_conversion(std::string_view body, std::string_view job_id, const token& sent_with) {
  constexpr std::string_view what = "the service's answer about a job";
  dom::parser parser;
  const auto object = parse_object(parser, body);
  if (!object) return unreadable(what, "it is no JSON object");
  auto news = read(*object, "id", what, sent_with.secret());
  if (news && !news->job_id.empty() && news->job_id != job_id) return unreadable(what, "it is about " + news->job_id);
  return news;
}

result<job_news> parse_event(std::string_view body) {
  constexpr std::string_view what = "an event";
  dom::parser parser;
  const auto object = parse_object(parser, body);
  if (!object) return unreadable(what, "it is no JSON object");
  auto event = read(*object, "job_id", what, {});
  if (event && event->job_id.empty()) return unreadable(what, "it has no job_id");
  return event;
}

} // namespace mcbatch::api
