#include <mcbatch/sandbox/service.hpp>

#include "sandbox/create_body.hpp"
#include "sandbox/gzip.hpp"
#include "sandbox/iso_time.hpp"
#include "sandbox/json_text.hpp"

#include <mcbatch/core/text.hpp>

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace mcbatch::sandbox {

namespace {

enum class resource { jobs, job, me, account, none };

struct route {
  resource what;
  std::string_view id; // of a job
};

route route_of(std::string_view target, std::string_view prefix) {
  std::string_view path = target.substr(0, target.find('?'));
  if (!path.starts_with(prefix)) return {resource::none, {}};
  path.remove_prefix(prefix.size());
  if (path == "/conversion_jobs") return {resource::jobs, {}};
  if (path == "/me") return {resource::me, {}};
  if (path == "/account") return {resource::account, {}};
  constexpr std::string_view jobs = "/conversion_jobs/";
  if (path.starts_with(jobs) && path.size() > jobs.size()) return {resource::job, path.substr(jobs.size())};
  return {resource::none, {}};
}

/// Which page of a list is asked for, from 1.
std::size_t page_of(std::string_view target) {
  constexpr std::string_view name = "?page=";
  const auto at = target.find(name);
  if (at == std::string_view::npos) return 1;
  const auto page = parse_integer<std::uint32_t>(target.substr(at + name.size()));
  return std::max<std::size_t>(1, page.value_or(1));
}

reply json(int status, std::string body) {
  reply answer{status, {}, std::move(body)};
  answer.fields.add("Content-Type", "application/json");
  return answer;
}

reply error(int status, std::string_view name, std::string_view message) {
  return json(status, fmt::format(R"({{"error":{},"message":{}}})", json_string(name), json_string(message)));
}

/// The error answer of a status that says nothing of its own.
reply plain_error(int status) {
  switch (status) {
  case 400:
    return error(status, "bad_request", "The request is malformed");
  case 401:
    return error(status, "unauthorized", "Invalid or expired API token");
  case 402:
    return error(status, "payment_required", "No credit is left on this account");
  case 403:
    return error(status, "forbidden", "Insufficient permissions for this resource");
  case 404:
    return error(status, "not_found", "No such resource");
  case 405:
    return error(status, "method_not_allowed", "This resource does not take that method");
  case 409:
    return error(status, "conflict", "The request conflicts with another");
  case 413:
    return error(status, "payload_too_large", "The body is too large");
  case 422:
    return error(status, "invalid_request", "The job cannot be accepted");
  case 429:
    return error(status, "rate_limited", "Rate limit exceeded");
  case 431:
    return error(status, "headers_too_large", "The header fields are too large");
  case 500:
    return error(status, "internal_error", "An internal error occurred");
  case 503:
    return error(status, "unavailable", "The service is temporarily unavailable");
  default:
    return error(status, "error", fmt::format("HTTP status {}", status));
  }
}

reply not_allowed(std::string_view allowed) {
  reply answer = plain_error(405);
  answer.fields.add("Allow", allowed);
  return answer;
}

/// The answer to a request that does not bear `token` (RFC 6750, section 2.1; the scheme ignores case).
std::optional<reply> denial(const request& r, std::string_view token) {
  const auto given = r.fields.find("Authorization");
  if (!given) return error(401, "unauthorized", "Authorization header required");
  constexpr std::string_view scheme = "Bearer ";
  if (iequals(given->substr(0, scheme.size()), scheme) && given->substr(scheme.size()) == token) return std::nullopt;
  return plain_error(401);
}

/// 150 micros a megabyte begun, so that 1.05 GB cost what the vendor's example does, as does a job of unknown size.
std::int64_t cost_micros(std::optional<std::uint64_t> size_bytes) {
  if (!size_bytes) return 157'500;
  constexpr std::uint64_t megabyte = 1'000'000;
  return static_cast<std::int64_t>(*size_bytes / megabyte + (*size_bytes % megabyte != 0 ? 1 : 0)) * 150;
}

std::string described(const create_body& body) {
  return fmt::format(R"("job_type":{},"input_format":{},"output_format":{})", json_string(body.job_type),
                     json_string(body.input_format), json_string(body.output_format));
}

std::string estimated(std::int64_t micros) {
  const auto cents = (micros + 9'999) / 10'000;
  return fmt::format(R"("estimated_cost_micros":{},"estimated_cost_cents":{})", micros, cents);
}

/// The Idempotency-Key as the journal shows it.
std::string shown_key(const request& r) {
  const auto key = r.fields.find("Idempotency-Key");
  if (!key) return "null";
  // A header may hold any byte, and the journal is JSON.
  return json_string(simdjson::validate_utf8(key->data(), key->size()) ? *key : "(not UTF-8)");
}

} // namespace

result<service> service::make(service_options options) {
  if (options.token.empty()) return failure{errc::bad_setting, "The sandbox needs a token; none was given."};
  for (const limit& l : options.limits)
    if (l.requests == 0 || l.window <= duration::zero())
      return failure{errc::bad_setting, fmt::format("A limit of {} requests in {} ns lets nothing through; give at "
                                                    "least one request and a window longer than 0.",
                                                    l.requests, l.window.count())};
  auto faults = fault_plan::parse(options.faults, options.seed);
  if (!faults) return faults.error();
  auto conversions = conversion_plan::parse(options.conversions, options.seed);
  if (!conversions) return conversions.error();
  auto webhooks = webhook_plan::parse(options.webhooks, options.seed);
  if (!webhooks) return webhooks.error();
  if (!options.webhooks.empty() && !conversions->plays())
    return failure{errc::bad_setting, "Without conversions there are no webhook events that could go wrong: say how "
                                      "long conversions take, for example time=60s."};
  if (options.webhook_secret.empty())
    return failure{errc::bad_setting, "The secret that signs webhook events is empty: give one."};
  return service(std::move(options), std::move(*faults), *conversions, *webhooks);
}

service::service(service_options options, fault_plan faults, conversion_plan conversions, webhook_plan webhooks)
    : options_(std::move(options)), faults_(std::move(faults)), conversions_(conversions),
      webhooks_(webhooks, options_.webhook_secret), limiter_(options_.window, options_.limits), ids_(~options_.seed) {
} // another stream than the faults', which draw from the seed itself

handled service::handle(const request& r, now_pair now) {
  limiter_.advance(server_time(now));
  handled h;
  if (auto denied = denial(r, options_.token)) {
    h.answer = std::move(*denied);
  } else {
    counted_.push_back(now.mono);
    if (limiter_.admit()) {
      process(r, now, h);
    } else {
      ++refused_;
      h.answer = over_limit();
    }
  }
  finish(h, now);
  return h;
}

handled service::refuse(int status, now_pair now) {
  limiter_.advance(server_time(now));
  handled h;
  h.answer = status == 405 ? not_allowed("GET, POST") : plain_error(status);
  finish(h, now);
  return h;
}

now_pair service::server_time(now_pair now) const {
  return {now.mono, now.wall + std::chrono::floor<wall_time::duration>(options_.clock_skew)};
}

void service::process(const request& r, now_pair now, handled& h) {
  const bool is_create = r.method == verb::post && route_of(r.target, options_.prefix).what == resource::jobs;
  const auto f = faults_.next(is_create);
  if (!f || strikes_after_processing(f->kind)) respond(r, now, h);
  if (f) strike(*f, h);
}

void service::respond(const request& r, now_pair now, handled& h) {
  const route where = route_of(r.target, options_.prefix);
  const bool get = r.method == verb::get;
  switch (where.what) {
  case resource::jobs:
    if (get)
      h.answer = list_jobs(r.target, now.mono);
    else
      create(r, now, h);
    break;
  case resource::job:
    polls_ += get ? 1U : 0U;
    h.answer = get ? show_job(where.id, now.mono) : not_allowed("GET");
    break;
  case resource::me:
  case resource::account:
    h.answer = get ? show_account() : not_allowed("GET");
    break;
  case resource::none:
    h.answer = plain_error(404);
    break;
  }
}

void service::create(const request& r, now_pair now, handled& h) {
  if (options_.spend_credit && options_.credit_micros <= 0) {
    h.answer = plain_error(402);
    return;
  }
  const auto parsed = parse_create_body(r.body);
  if (!parsed) {
    h.answer = error(422, "invalid_request", parsed.error().what);
    return;
  }
  const create_body& body = parsed.value();
  const std::string id = new_id();
  index_.emplace(id, jobs_.size());
  const auto created_at = server_time(now).wall;
  const auto cost = cost_micros(body.input_size_bytes);
  if (options_.spend_credit) options_.credit_micros -= cost;
  const auto course = conversions_.course_of(id, body.job_type, cost);
  jobs_.push_back({id, described(body), estimated(cost), body.output_url, now.mono, created_at, course});
  if (course && !body.webhook_url.empty())
    h.delay = webhooks_.add({id, body.job_type, body.webhook_url, now.mono, created_at, *course});
  h.journal_line = journal_line(r, body, now);
  h.answer = json(201, whole(jobs_.back(), now.mono));
}

/// Of the latest job, which `r` has created.
std::string service::journal_line(const request& r, const create_body& body, now_pair now) const {
  const auto& job = jobs_.back();
  std::string end;
  if (job.course)
    end = fmt::format(R"("final_status":"{}","final_cost_micros":{},)", to_string(job.course->at_the_end.state),
                      job.course->at_the_end.cost_micros.value_or(0));
  return fmt::format(R"({{"n":{},"at":"{}","mono_ns":{},"id":"{}","idempotency_key":{},"output_url":{},{}"body":{}}})",
                     jobs_.size(), iso_micros(now.wall), now.mono.time_since_epoch().count(), job.id, shown_key(r),
                     json_string(body.output_url), end, on_one_line(r.body));
}

/// With what changes as the conversion goes on. What is said of its end is said as in a webhook.
std::string service::attributes_of(const job_record& job, instant now) {
  const auto c = job.course ? state_at(*job.course, job.created_at, now - job.created) : conversion{};
  auto text = fmt::format(R"("status":"{}",{},"progress_percentage":{},{},"created_at":"{}","updated_at":"{}")",
                          to_string(c.state), job.described, c.progress_percent.value_or(0), job.estimated,
                          iso_seconds(job.created_at), iso_seconds(c.ended_at.value_or(job.created_at)));
  if (c.cost_micros) text += fmt::format(R"(,"cost_micros":{})", *c.cost_micros);
  if (c.processing_time) text += fmt::format(R"(,"processing_time_seconds":{})", c.processing_time->count());
  if (c.output_bytes) text += fmt::format(R"(,"output_size_bytes":{})", *c.output_bytes);
  if (!c.error.empty())
    text += fmt::format(R"(,"error_code":{},"error_message":{})", json_string(c.error), json_string(c.message));
  if (c.ended_at) text += fmt::format(R"(,"{}_at":"{}")", to_string(c.state), iso_micros(*c.ended_at));
  return text;
}

std::string service::whole(const job_record& job, instant now) {
  return "{\"id\":\"" + job.id + "\"," + attributes_of(job, now) + "}";
}

reply service::show_job(std::string_view id, instant now) const {
  const auto found = index_.find(std::string(id));
  return found == index_.end() ? plain_error(404) : json(200, whole(jobs_[found->second], now));
}

std::unordered_map<std::string, conversion> service::conversions(now_pair now) const {
  std::unordered_map<std::string, conversion> all;
  for (const auto& job : jobs_)
    all.emplace(job.id, job.course ? state_at(*job.course, job.created_at, now.mono - job.created) : conversion{});
  return all;
}

reply service::list_jobs(std::string_view target, instant now) const {
  constexpr std::size_t most = 100;
  const std::size_t page = options_.list == list_kind::paged ? page_of(target) : 1;
  const auto newer = std::min((page - 1) * most, jobs_.size());
  const auto first = jobs_.rbegin() + static_cast<std::ptrdiff_t>(newer);
  const auto shown = static_cast<std::ptrdiff_t>(std::min(most, jobs_.size() - newer));
  std::string list;
  for (auto job = first; job != first + shown; ++job) {
    if (!list.empty()) list += ',';
    list += listed(*job, now);
  }
  if (options_.list == list_kind::array) return json(200, "[" + list + "]");
  return json(200, fmt::format(R"({{"conversion_jobs":[{}]}})", list));
}

std::string service::listed(const job_record& job, instant now) const {
  if (options_.list == list_kind::plain) return whole(job, now);
  std::string_view url = job.output_url;
  if (options_.list == list_kind::stripped) url = url.substr(0, url.find('?'));
  return fmt::format(R"({{"id":"{}","output_url":{},{}}})", job.id, json_string(url), attributes_of(job, now));
}

reply service::show_account() const {
  return json(200, fmt::format(R"({{"id":"acct_sandbox","email":"sandbox@example.com","tier":{},"credit_micros":{}}})",
                               json_string(options_.tier), options_.credit_micros));
}

reply service::over_limit() const {
  reply answer = plain_error(429);
  if (faults_.retry_after())
    answer.fields.add("Retry-After",
                      fmt::to_string(std::chrono::ceil<std::chrono::seconds>(limiter_.until_admitted()).count()));
  return answer;
}

void service::strike(fault f, handled& h) const {
  switch (f.kind) {
  case fault_kind::status:
    h.answer = plain_error(f.status);
    break;
  case fault_kind::rate_limit:
    h.answer = plain_error(429);
    h.answer.fields.add("Retry-After", "2");
    break;
  case fault_kind::html:
    h.answer = {200, {}, "<!doctype html><title>Welcome</title><p>Please log in to continue.</p>\n"};
    h.answer.fields.add("Content-Type", "text/html");
    break;
  case fault_kind::redirect:
    h.answer = plain_error(307);
    h.answer.fields.add("Location", "https://elsewhere.invalid/");
    break;
  case fault_kind::status_500:
    h.answer = plain_error(500);
    break;
  case fault_kind::no_id:
    if (h.journal_line) h.answer = json(201, "{" + attributes_of(jobs_.back(), jobs_.back().created) + "}");
    break;
  case fault_kind::gzip:
    h.answer.body = gzip(h.answer.body);
    h.answer.fields.add("Content-Encoding", "gzip");
    break;
  case fault_kind::drop:
    h.how = delivery::drop;
    break;
  case fault_kind::delivery:
    h.how = f.how;
    break;
  }
}

void service::finish(handled& h, now_pair now) {
  const wall_time server_now = server_time(now).wall;
  auto view = limiter_.describe(describes_shortest(options_.headers, answers_));
  // Who is refused and waits until Reset has to get through then, whichever window it was that refused.
  if (view && h.answer.status == 429 && view->until_reset < limiter_.until_admitted())
    view = limiter_.describe_strictest();
  if (view) add_rate_headers(h.answer.fields, options_.headers, *view, server_now, answers_);
  h.answer.fields.add("Date", http_date(server_now));
  h.delay += options_.latency;
  ++answers_;
}

std::string service::new_id() {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id;
  do {
    id = "job_";
    for (int i = 0; i < 12; ++i)
      id += digits[static_cast<std::size_t>(ids_.unit() * static_cast<double>(digits.size()))];
  } while (index_.contains(id));
  return id;
}

} // namespace mcbatch::sandbox
