#include <mcbatch/api/classify.hpp>

#include "json_members.hpp"
#include "shown_words.hpp"

#include <boost/beast/http/status.hpp>

#include <simdjson.h>

namespace mcbatch::api {
namespace {

namespace dom = simdjson::dom;

meaning meaning_of(int status) {
  switch (status) {
  case 401:
    return meaning::unauthorized;
  case 402:
    return meaning::payment_required;
  case 403:
    return meaning::forbidden;
  case 408:
  case 425:
    return meaning::try_later;
  case 429:
    return meaning::rate_limited;
  case 503:
    return meaning::unavailable;
  default:
    break;
  }
  switch (status / 100) {
  case 2:
    return meaning::accepted;
  case 3:
    return meaning::redirected;
  case 4:
    return meaning::refused;
  default:
    return meaning::server_error;
  }
}

std::string status_line(int status) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return "the service answered " + std::to_string(status) + " (" + std::string(reason) + ")";
}

void read_acceptance(const std::optional<dom::object>& body, const reply& answer, const shown_words& words,
                     outcome& o) {
  if (body) {
    o.job_id = words(text_member(*body, "id"));
    o.job_status = words(text_member(*body, "status"));
    o.estimated_cost_micros = cost_member(*body, "estimated_cost_micros");
  }
  if (!o.job_id.empty()) return;
  o.what = meaning::unclear_success;
  o.error = to_string(o.what);
  o.message = words(status_line(answer.status) + " without a job's id: " + answer.body);
}

void read_refusal(const std::optional<dom::object>& body, const reply& answer, const shown_words& words, outcome& o) {
  if (body) {
    o.error = words(text_member(*body, "error"));
    o.message = words(text_member(*body, "message"));
  }
  if (o.error.empty()) o.error = to_string(o.what);
  if (!o.message.empty()) return;
  const auto location = answer.fields.find("Location").value_or("");
  const bool elsewhere = o.what == meaning::redirected && !location.empty();
  o.message = words(status_line(answer.status) + (elsewhere ? ": moved to " + std::string(location) : ""));
}

outcome failed(const net::exchange_failure& failure, const shown_words& words) {
  outcome o;
  const bool distrusted = failure.why.code == errc::untrusted;
  o.what = failure.byte_left ? meaning::lost : distrusted ? meaning::untrusted : meaning::not_sent;
  o.error = to_string(failure.why.code);
  o.message = words(failure.why.what);
  return o;
}

} // namespace

outcome classify_create(const net::exchange_result& seen, const token& sent_with, std::string_view body_sent) {
  const shown_words words(sent_with, body_sent);
  if (!seen) return failed(seen.error(), words);
  outcome o;
  o.http_status = seen->status;
  o.what = meaning_of(seen->status);
  static thread_local dom::parser parser; // for its memory
  const auto body = parse_object(parser, seen->body);
  const auto read = o.what == meaning::accepted ? read_acceptance : read_refusal;
  read(body, *seen, words, o);
  return o;
}

outcome classify_read(const net::exchange_result& seen, const token& sent_with) {
  const bool good = seen && meaning_of(seen->status) == meaning::accepted;
  if (!good) return classify_create(seen, sent_with);
  outcome o;
  o.http_status = seen->status;
  o.what = meaning::accepted;
  static thread_local dom::parser parser; // for its memory
  dom::element answer;
  if (parse(parser, seen->body, answer) == simdjson::SUCCESS && (answer.is_object() || answer.is_array())) return o;
  // The page of a portal in between is no word of the service's.
  o.what = meaning::unclear_success;
  o.error = to_string(o.what);
  o.message = shown_words(sent_with, {})(status_line(seen->status) + " without a JSON object or array: " + seen->body);
  return o;
}

} // namespace mcbatch::api
