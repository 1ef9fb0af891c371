#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/sandbox/service.hpp>

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using namespace std::chrono_literals;

namespace {

const wall_time half_past_ten{std::chrono::seconds(1705314600)}; // 2024-01-15 UTC

now_pair at(duration t) {
  return {instant(1000s + t), half_past_ten + std::chrono::floor<std::chrono::microseconds>(t)};
}

service_options basic() {
  service_options o;
  o.token = "mc_test_good";
  o.limits = {{1000, 1h}, {50, 60s}};
  o.seed = 1;
  return o;
}

service_options with_faults(std::string spec) {
  service_options o = basic();
  o.faults = std::move(spec);
  return o;
}

request ask(verb method, std::string path, std::string body = {}) {
  request r{method, "/api/v1" + std::move(path), {}, std::move(body)};
  r.fields.add("Authorization", "Bearer mc_test_good");
  return r;
}

constexpr std::string_view good_body =
    R"({"job_type":"video","input_url":"https://in/a?X-Amz-Signature=s","output_url":"https://out/a","input_format":"mp4","output_format":"webm","quality":{"crf":23}})";

request create(std::string_view body = good_body) {
  return ask(verb::post, "/conversion_jobs", std::string(body));
}

std::string field(const reply& r, std::string_view name) {
  return std::string(r.fields.find(name).value_or(""));
}

/// The string or number at `name` of a JSON object, as text.
std::string member(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json);
  return simdjson::minify(parser.parse(padded).at_key(name).value());
}

} // namespace

BOOST_AUTO_TEST_SUITE(services)

BOOST_AUTO_TEST_CASE(a_create_answers_as_documented) {
  auto s = service::make(basic()).value();
  const handled h = s.handle(create(), at(0s));
  BOOST_TEST(h.answer.status == 201);
  BOOST_TEST((h.how == delivery::whole));
  const std::string id = member(h.answer.body, "id");
  BOOST_TEST(id.size() == std::string("\"job_abcdefghijkl\"").size());
  BOOST_TEST(h.answer.body ==
             "{\"id\":" + id +
                 R"(,"status":"pending","job_type":"video","input_format":"mp4","output_format":"webm",)"
                 R"("progress_percentage":0,"estimated_cost_micros":157500,"estimated_cost_cents":16,)"
                 R"("created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:30:00Z"})");
  BOOST_TEST(field(h.answer, "Content-Type") == "application/json");
  BOOST_TEST(field(h.answer, "Date") == "Mon, 15 Jan 2024 10:30:00 GMT");
  BOOST_TEST(field(h.answer, "X-RateLimit-Limit") == "1000");
  BOOST_TEST(field(h.answer, "X-RateLimit-Remaining") == "999");
  BOOST_TEST(field(h.answer, "X-RateLimit-Reset") == "1705316400");
}

BOOST_AUTO_TEST_CASE(the_estimate_follows_the_size_and_cents_are_rounded_up) {
  const struct {
    std::string_view size;
    std::string_view micros;
    std::string_view cents;
  } rows[] = {{"0", "0", "0"},           {"1", "150", "1"},          {"1000001", "300", "1"},
              {"66000000", "9900", "1"}, {"67000000", "10050", "2"}, {"1050000000", "157500", "16"},
              {"\"7\"", "157500", "16"}, {"null", "157500", "16"}};
  auto s = service::make(basic()).value();
  for (const auto& [size, micros, cents] : rows) {
    std::string body(good_body);
    body.insert(1, fmt::format("\"input_size_bytes\":{},", size));
    const handled h = s.handle(create(body), at(0s));
    BOOST_TEST(member(h.answer.body, "estimated_cost_micros") == micros);
    BOOST_TEST(member(h.answer.body, "estimated_cost_cents") == cents);
  }
}

BOOST_AUTO_TEST_CASE(the_journal_has_one_line_for_each_job) {
  auto s = service::make(basic()).value();
  request r = create("{\n \"job_type\":\"video\",\r\n\"input_url\":\"i\",\"output_url\":\"https://out/\\\"q\\\"\","
                     "\"input_format\":\"mp4\",\"output_format\":\"webm\"}\n");
  r.fields.add("Idempotency-Key", "key \"1\"");
  const handled first = s.handle(r, at(1500us));
  const std::string id = member(first.answer.body, "id");
  BOOST_TEST(first.journal_line.value() ==
             R"({"n":1,"at":"2024-01-15T10:30:00.001500Z","mono_ns":1000001500000,"id":)" + id +
                 R"(,"idempotency_key":"key \"1\"","output_url":"https://out/\"q\"","body":{  "job_type":"video",  )"
                 R"("input_url":"i","output_url":"https://out/\"q\"","input_format":"mp4","output_format":"webm"} })");

  // The same key again makes another job: nothing documents that it would not.
  const handled second = s.handle(r, at(1s));
  BOOST_TEST(member(second.journal_line.value(), "n") == "2");
  BOOST_TEST(member(second.answer.body, "id") != id);
  BOOST_TEST(s.accepted() == 2U);
  BOOST_TEST(member(s.handle(create(), at(2s)).journal_line.value(), "idempotency_key") == "null");
}

BOOST_AUTO_TEST_CASE(ids_are_unique_and_come_from_the_seed) {
  service_options o = basic();
  o.limits.clear();
  const auto ids = [&](std::uint64_t seed) {
    o.seed = seed;
    auto s = service::make(o).value();
    std::vector<std::string> out;
    for (int i = 0; i < 1000; ++i)
      out.push_back(member(s.handle(create(), at(0s)).answer.body, "id"));
    return out;
  };
  const auto once = ids(1);
  BOOST_TEST((std::set<std::string>(once.begin(), once.end()).size() == 1000U));
  BOOST_TEST((once == ids(1)));
  BOOST_TEST((once != ids(2)));
}

BOOST_AUTO_TEST_CASE(bodies_that_are_no_job_are_refused_with_the_reason) {
  const auto without = [](std::string_view name) {
    std::string body = "{\"x\":0";
    for (const std::string_view f : {"job_type", "input_url", "output_url", "input_format", "output_format"})
      if (f != name) body += fmt::format(",\"{}\":\"v\"", f);
    return body;
  };
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "the body must be a JSON object"},
      {"[]", "the body must be a JSON object"},
      {"\"text\"", "the body must be a JSON object"},
      {std::string(good_body) + "x", "the body must be a JSON object"},
      {std::string(good_body.substr(0, good_body.size() - 1)), "the body must be a JSON object"},
      {"{\"x\":\"\xff\"," + std::string(good_body.substr(1)), "the body must be a JSON object"},
      {without("job_type") + "}", "job_type is required"},
      {without("input_url") + "}", "input_url is required"},
      {without("output_url") + "}", "output_url is required"},
      {without("input_format") + "}", "input_format is required"},
      {without("output_format") + "}", "output_format is required"},
      {without("output_url") + ",\"output_url\":null}", "output_url is required"},
      {without("output_url") + ",\"output_url\":\"\"}", "output_url is required"},
      {without("output_url") + ",\"output_url\":7}", "output_url must be a string"},
  };
  auto s = service::make(basic()).value();
  for (const auto& [body, message] : rows) {
    BOOST_TEST_CONTEXT(body) {
      const handled h = s.handle(create(body), at(0s));
      BOOST_TEST(h.answer.status == 422);
      BOOST_TEST(h.answer.body == R"({"error":"invalid_request","message":")" + message + "\"}");
      BOOST_TEST(!h.journal_line);
    }
  }
  BOOST_TEST(s.accepted() == 0U);
  BOOST_TEST(s.counted().size() == rows.size());
}

BOOST_AUTO_TEST_CASE(a_token_is_asked_for_and_its_refusal_counts_against_nothing) {
  const struct {
    std::optional<std::string> value;
    std::string_view message;
  } rows[] = {{std::nullopt, "Authorization header required"},
              {"Bearer mc_test_bad", "Invalid or expired API token"},
              {"Bearer mc_test_good2", "Invalid or expired API token"},
              {"Bearer mc_test_goo", "Invalid or expired API token"},
              {"mc_test_good", "Invalid or expired API token"},
              {"Basic mc_test_good", "Invalid or expired API token"},
              {"", "Invalid or expired API token"}};
  auto s = service::make(basic()).value();
  for (const auto& [value, message] : rows) {
    request r = create();
    r.fields = {};
    if (value) r.fields.add("authorization", *value);
    const handled h = s.handle(r, at(0s));
    BOOST_TEST(h.answer.status == 401);
    BOOST_TEST(h.answer.body == fmt::format(R"({{"error":"unauthorized","message":"{}"}})", message));
    BOOST_TEST(field(h.answer, "X-RateLimit-Remaining") == "1000");
    BOOST_TEST(field(h.answer, "Date") == "Mon, 15 Jan 2024 10:30:00 GMT");
  }
  BOOST_TEST(s.counted().empty());
  BOOST_TEST(s.accepted() == 0U);
}

BOOST_AUTO_TEST_CASE(the_scheme_of_a_token_ignores_case) {
  auto s = service::make(basic()).value();
  request r = create();
  r.fields = {};
  r.fields.add("Authorization", "bearer mc_test_good");
  BOOST_TEST(s.handle(r, at(0s)).answer.status == 201);
}

BOOST_AUTO_TEST_CASE(resources_and_methods) {
  service_options o = basic();
  o.tier = "pro";
  o.credit_micros = 5'000'000;
  auto s = service::make(o).value();
  const std::string job = s.handle(create(), at(0s)).answer.body;
  const std::string id = job.substr(7, 16);
  const std::string account =
      R"({"id":"acct_sandbox","email":"sandbox@example.com","tier":"pro","credit_micros":5000000})";
  const struct {
    verb method;
    std::string path;
    int status;
    std::string body; // empty: not compared
  } rows[] = {
      {verb::get, "/me", 200, account},
      {verb::get, "/account", 200, account},
      {verb::get, "/me?verbose=1", 200, account},
      {verb::get, "/conversion_jobs/" + id, 200, job},
      {verb::get, "/conversion_jobs", 200, "{\"conversion_jobs\":[" + job + "]}"},
      {verb::get, "/conversion_jobs/job_000000000000", 404, R"({"error":"not_found","message":"No such resource"})"},
      {verb::get, "/conversion_jobs/", 404, ""},
      {verb::get, "/", 404, ""},
      {verb::get, "/mee", 404, ""},
      {verb::post, "/nowhere", 404, ""},
      {verb::post, "/me", 405, ""},
      {verb::post, "/account", 405, ""},
      {verb::post, "/conversion_jobs/" + id, 405, ""},
  };
  for (const auto& [method, path, status, body] : rows) {
    BOOST_TEST_CONTEXT(path) {
      const handled h = s.handle(ask(method, path), at(0s));
      BOOST_TEST(h.answer.status == status);
      if (!body.empty()) BOOST_TEST(h.answer.body == body);
      BOOST_TEST(field(h.answer, "Allow") == (status == 405 ? "GET" : ""));
      BOOST_TEST(!h.journal_line);
    }
  }
  request elsewhere = ask(verb::get, "/me");
  elsewhere.target = "/v1/me";
  BOOST_TEST(s.handle(elsewhere, at(0s)).answer.status == 404);
  BOOST_TEST(s.counted().size() == std::size(rows) + 2); // every request counts, polls included
}

BOOST_AUTO_TEST_CASE(the_list_shows_the_last_hundred_newest_first) {
  service_options o = basic();
  o.limits.clear();
  auto s = service::make(o).value();
  std::vector<std::string> jobs;
  for (int i = 0; i < 120; ++i)
    jobs.push_back(s.handle(create(), at(0s)).answer.body);
  const std::string list = s.handle(ask(verb::get, "/conversion_jobs"), at(0s)).answer.body;
  std::string expected;
  for (std::size_t i = 120; i-- > 20;)
    expected += (expected.empty() ? "" : ",") + jobs[i];
  BOOST_TEST(list == "{\"conversion_jobs\":[" + expected + "]}");
}

BOOST_AUTO_TEST_CASE(the_list_shows_what_it_is_told_to) {
  const std::string body = R"({"job_type":"video","input_url":"https://in/a","output_url":"https://out/a?sig=1&v=2",)"
                           R"("input_format":"mp4","output_format":"webm"})";
  const auto list_of = [&](list_kind kind, int jobs, const std::string& path) {
    auto o = basic();
    o.limits.clear();
    o.list = kind;
    auto s = service::make(o).value();
    for (int i = 0; i < jobs; ++i)
      s.handle(create(body), at(0s));
    return s.handle(ask(verb::get, path), at(0s)).answer.body;
  };
  const auto count = [](const std::string& list) {
    std::size_t jobs = 0;
    for (auto at = list.find("\"id\""); at != std::string::npos; at = list.find("\"id\"", at + 1))
      ++jobs;
    return jobs;
  };
  const std::string sent = R"("output_url":"https://out/a?sig=1&v=2")";
  BOOST_TEST(list_of(list_kind::plain, 1, "/conversion_jobs").find("output_url") == std::string::npos);
  BOOST_TEST(list_of(list_kind::urls, 1, "/conversion_jobs").find(sent) != std::string::npos);
  BOOST_TEST(list_of(list_kind::stripped, 1, "/conversion_jobs").find(R"("output_url":"https://out/a",)") !=
             std::string::npos);
  const auto array = list_of(list_kind::array, 2, "/conversion_jobs");
  BOOST_TEST((array.starts_with("[{") && array.ends_with("}]") && count(array) == 2));
  BOOST_TEST(count(list_of(list_kind::paged, 120, "/conversion_jobs")) == 100);
  BOOST_TEST(count(list_of(list_kind::paged, 120, "/conversion_jobs?page=2")) == 20);
  BOOST_TEST(count(list_of(list_kind::paged, 120, "/conversion_jobs?page=3")) == 0);
  BOOST_TEST(count(list_of(list_kind::urls, 120, "/conversion_jobs?page=2")) == 100); // it knows no pages
}

BOOST_AUTO_TEST_CASE(past_the_limit_comes_429_and_who_waits_until_reset_gets_through) {
  for (const auto window : {window_kind::fixed, window_kind::sliding, window_kind::bucket}) {
    for (const auto kind : {header_kind::hour, header_kind::minute}) {
      service_options o = basic();
      o.window = window;
      o.headers = kind;
      o.limits = {{7, 10min}, {3, 60s}};
      auto s = service::make(o).value();
      duration t{};
      std::uint64_t refused = 0;
      for (int i = 0; i < 100; ++i) {
        t += 1234567us;
        const handled h = s.handle(create(), at(t));
        if (h.answer.status == 201) continue;
        BOOST_REQUIRE(h.answer.status == 429);
        BOOST_TEST(!h.journal_line);
        BOOST_TEST(h.answer.body == R"({"error":"rate_limited","message":"Rate limit exceeded"})");
        BOOST_TEST(field(h.answer, "Retry-After") == "");
        BOOST_TEST(s.refused() == ++refused);
        const wall_time reset{std::chrono::seconds(std::stoll(field(h.answer, "X-RateLimit-Reset")))};
        t = reset - half_past_ten;
        BOOST_TEST(s.handle(create(), at(t)).answer.status == 201);
      }
      BOOST_TEST(refused > 10U);
      BOOST_TEST(s.counted().size() == s.accepted() + s.refused());
    }
  }
}

BOOST_AUTO_TEST_CASE(counted_holds_each_arrival) {
  service_options o = basic();
  o.limits = {{1, 60s}};
  auto s = service::make(o).value();
  s.handle(create(), at(1s));
  s.handle(ask(verb::get, "/me"), at(2s)); // refused, and counted
  s.handle(request{verb::get, "/api/v1/me", {}, {}}, at(3s));
  BOOST_TEST((s.counted() == std::vector<instant>{at(1s).mono, at(2s).mono}));
  BOOST_TEST(s.refused() == 1U);
}

BOOST_AUTO_TEST_CASE(shuffled_headers_alternate_from_answer_to_answer) {
  service_options o = basic();
  o.headers = header_kind::shuffled;
  auto s = service::make(o).value();
  std::string limits;
  for (int i = 0; i < 4; ++i)
    limits += field(s.handle(create(), at(0s)).answer, "X-RateLimit-Limit") + " ";
  BOOST_TEST(limits == "1000 50 1000 50 ");
}

BOOST_AUTO_TEST_CASE(without_limits_there_are_no_headers) {
  service_options o = basic();
  o.limits.clear();
  auto s = service::make(o).value();
  const handled h = s.handle(create(), at(0s));
  BOOST_TEST(!h.answer.fields.find("X-RateLimit-Limit"));
  BOOST_TEST(h.answer.fields.find("Date").has_value());
}

BOOST_AUTO_TEST_CASE(a_skewed_clock_moves_date_reset_and_windows_but_not_the_journal) {
  service_options o = basic();
  o.clock_skew = -45min;
  o.limits = {{1, 1h}};
  auto s = service::make(o).value();
  const handled h = s.handle(create(), at(0s));
  BOOST_TEST(field(h.answer, "Date") == "Mon, 15 Jan 2024 09:45:00 GMT");
  BOOST_TEST(field(h.answer, "X-RateLimit-Reset") == "1705312800"); // 10:00 by its clock
  BOOST_TEST(member(h.answer.body, "created_at") == "\"2024-01-15T09:45:00Z\"");
  BOOST_TEST(member(*h.journal_line, "at") == "\"2024-01-15T10:30:00.000000Z\"");
  BOOST_TEST(s.handle(create(), at(15min - 1us)).answer.status == 429);
  BOOST_TEST(s.handle(create(), at(15min)).answer.status == 201);
}

BOOST_AUTO_TEST_CASE(each_fault_does_what_it_says) {
  const struct {
    std::string what;
    int status; // 0: not the point
    delivery how;
    bool accepted;
  } rows[] = {
      {"503", 503, delivery::whole, false},
      {"401", 401, delivery::whole, false},
      {"402", 402, delivery::whole, false},
      {"403", 403, delivery::whole, false},
      {"500", 500, delivery::whole, false},
      {"599", 599, delivery::whole, false},
      {"429", 429, delivery::whole, false},
      {"500+", 500, delivery::whole, true},
      {"lost", 0, delivery::drop, true},
      {"drop", 0, delivery::drop, false},
      {"truncated", 201, delivery::truncated, true},
      {"hang", 0, delivery::hang, true},
      {"noid", 201, delivery::whole, true},
      {"html", 200, delivery::whole, false},
      {"redirect", 307, delivery::whole, false},
  };
  for (const auto& [what, status, how, accepted] : rows) {
    BOOST_TEST_CONTEXT(what) {
      auto s = service::make(with_faults(what + "@2")).value();
      BOOST_TEST(s.handle(create(), at(0s)).answer.status == 201);
      const handled h = s.handle(create(), at(0s));
      if (status != 0) BOOST_TEST(h.answer.status == status);
      BOOST_TEST((h.how == how));
      BOOST_TEST(h.journal_line.has_value() == accepted);
      BOOST_TEST(s.accepted() == (accepted ? 2U : 1U));
      BOOST_TEST(s.counted().size() == 2U);
      BOOST_TEST(s.refused() == 0U);
      BOOST_TEST(field(h.answer, "X-RateLimit-Remaining") == "998");
      BOOST_TEST(s.handle(create(), at(0s)).answer.status == 201);
    }
  }
}

BOOST_AUTO_TEST_CASE(faults_that_are_told_by_their_answers) {
  auto s = service::make(with_faults("429@1,noid@2,html@3,redirect@4,403@5")).value();
  BOOST_TEST(field(s.handle(create(), at(0s)).answer, "Retry-After") == "2");
  const std::string no_id = s.handle(create(), at(0s)).answer.body;
  BOOST_TEST(no_id.starts_with("{\"status\":\"pending\","));
  BOOST_TEST(no_id.find("job_0") == std::string::npos);
  const reply html = s.handle(create(), at(0s)).answer;
  BOOST_TEST(field(html, "Content-Type") == "text/html");
  BOOST_TEST(html.body.starts_with("<!doctype html>"));
  BOOST_TEST(field(s.handle(create(), at(0s)).answer, "Location") == "https://elsewhere.invalid/");
  BOOST_TEST(s.handle(create(), at(0s)).answer.body ==
             R"({"error":"forbidden","message":"Insufficient permissions for this resource"})");
}

BOOST_AUTO_TEST_CASE(faults_leave_other_requests_alone_unless_told_otherwise) {
  auto s = service::make(with_faults("503@1,all/500@4")).value();
  BOOST_TEST(s.handle(ask(verb::get, "/me"), at(0s)).answer.status == 200);
  BOOST_TEST(s.handle(create(), at(0s)).answer.status == 503);
  BOOST_TEST(s.handle(ask(verb::get, "/conversion_jobs"), at(0s)).answer.status == 200);
  BOOST_TEST(s.handle(ask(verb::get, "/me"), at(0s)).answer.status == 500);
}

BOOST_AUTO_TEST_CASE(requests_that_are_refused_do_not_use_a_fault_up) {
  service_options o = with_faults("503@2");
  o.limits = {{1, 60s}};
  auto s = service::make(o).value();
  BOOST_TEST(s.handle(create(), at(0s)).answer.status == 201);
  BOOST_TEST(s.handle(create(), at(0s)).answer.status == 429);
  BOOST_TEST(s.handle(create(), at(60s)).answer.status == 503);
}

BOOST_AUTO_TEST_CASE(retry_after_is_long_enough) {
  service_options o = with_faults("retry-after");
  o.limits = {{1, 60s}};
  o.window = window_kind::sliding;
  auto s = service::make(o).value();
  s.handle(create(), at(0s));
  const handled h = s.handle(create(), at(20s + 1ns));
  BOOST_TEST(h.answer.status == 429);
  BOOST_TEST(field(h.answer, "Retry-After") == "60"); // the refused one counts too
  BOOST_TEST(s.handle(create(), at(81s)).answer.status == 201);
}

BOOST_AUTO_TEST_CASE(messages_that_are_no_requests_are_refused_and_count_against_nothing) {
  auto s = service::make(basic()).value();
  for (const int status : {400, 405, 413, 431}) {
    const handled h = s.refuse(status, at(0s));
    BOOST_TEST(h.answer.status == status);
    BOOST_TEST(field(h.answer, "X-RateLimit-Remaining") == "1000");
    BOOST_TEST(field(h.answer, "Allow") == (status == 405 ? "GET, POST" : ""));
  }
  BOOST_TEST(s.counted().empty());
}

BOOST_AUTO_TEST_CASE(latency_delays_every_answer) {
  service_options o = basic();
  o.latency = 80ms;
  auto s = service::make(o).value();
  BOOST_TEST(s.handle(create(), at(0s)).delay.count() == duration(80ms).count());
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_sense_are_refused) {
  service_options no_token = basic();
  no_token.token.clear();
  service_options no_requests = basic();
  no_requests.limits = {{0, 60s}};
  service_options no_window = basic();
  no_window.limits = {{10, 0s}};
  service_options no_secret = basic();
  no_secret.webhook_secret.clear();
  service_options no_events = basic();
  no_events.webhooks = "lost=0.5"; // conversions stay pending
  service_options bad_webhooks = basic();
  bad_webhooks.conversions = "time=1s";
  bad_webhooks.webhooks = "oops";
  for (const auto& o : {no_token, no_requests, no_window, with_faults("oops"), no_secret, no_events, bad_webhooks}) {
    const auto s = service::make(o);
    BOOST_REQUIRE(s.has_error());
    BOOST_TEST((s.error().code == errc::bad_setting));
  }
}

BOOST_AUTO_TEST_CASE(a_job_shows_its_conversion_as_it_goes_on) {
  service_options o = basic();
  o.conversions = "time=100s";
  auto s = service::make(o).value();
  const auto id = member(s.handle(create(), at(0s)).answer.body, "id");
  const auto path = "/conversion_jobs/" + id.substr(1, id.size() - 2);
  BOOST_TEST(member(s.handle(ask(verb::get, path), at(0s)).answer.body, "status") == "\"pending\"");
  const auto ended = s.handle(ask(verb::get, path), at(30min)).answer.body;
  BOOST_TEST(member(ended, "status") == "\"completed\"");
  BOOST_TEST(member(ended, "progress_percentage") == "100");
  BOOST_TEST(!member(ended, "cost_micros").empty());
  BOOST_TEST(!member(ended, "completed_at").empty());
  BOOST_TEST(s.polls() == 2u);
  const auto all = s.conversions(at(30min));
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST((all.begin()->second.state == conversion_state::completed));
  BOOST_TEST(std::to_string(*all.begin()->second.cost_micros) == member(ended, "cost_micros"));
}

BOOST_AUTO_TEST_CASE(the_journal_says_what_a_conversion_comes_to) {
  service_options o = basic();
  o.limits.clear();
  o.conversions = "time=1s,failed=0.3,cancelled=0.3";
  auto s = service::make(o).value();
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i)
    lines.push_back(s.handle(create(), at(0s)).journal_line.value());
  const auto all = s.conversions(at(24h));
  std::set<std::string> seen;
  for (const auto& line : lines) {
    const auto id = member(line, "id");
    const auto& end = all.at(id.substr(1, id.size() - 2));
    BOOST_TEST(member(line, "final_status") == fmt::format("\"{}\"", to_string(end.state)));
    BOOST_TEST(member(line, "final_cost_micros") == std::to_string(end.cost_micros.value()));
    seen.insert(member(line, "final_status"));
  }
  BOOST_TEST(seen.size() == 3u);
}

BOOST_AUTO_TEST_CASE(jobs_spend_the_credit_until_none_is_left) {
  service_options o = basic();
  o.credit_micros = 157'501; // a job's estimate, and a bit
  o.spend_credit = true;
  auto s = service::make(o).value();
  const auto credit = [&] { return member(s.handle(ask(verb::get, "/account"), at(0s)).answer.body, "credit_micros"); };
  BOOST_TEST(credit() == "157501");
  BOOST_TEST(s.handle(create("{}"), at(0s)).answer.status == 422);
  BOOST_TEST(credit() == "157501"); // what is refused costs nothing
  BOOST_TEST(s.handle(create(), at(0s)).answer.status == 201);
  BOOST_TEST(credit() == "1");
  BOOST_TEST(s.handle(create(), at(0s)).answer.status == 201); // there was some left
  BOOST_TEST(credit() == "-157499");
  const auto refused = s.handle(create(), at(0s));
  BOOST_TEST(refused.answer.status == 402);
  BOOST_TEST(member(refused.answer.body, "error") == "\"payment_required\"");
  BOOST_TEST(!member(refused.answer.body, "message").empty());
  BOOST_TEST(!refused.journal_line.has_value());
  BOOST_TEST(s.accepted() == 2u);
}

BOOST_AUTO_TEST_CASE(a_credit_that_is_not_spent_stays_as_it_is) {
  service_options o = basic();
  o.credit_micros = 5;
  auto s = service::make(o).value();
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(s.handle(create(), at(0s)).answer.status == 201);
  BOOST_TEST(member(s.handle(ask(verb::get, "/me"), at(0s)).answer.body, "credit_micros") == "5");
}

BOOST_AUTO_TEST_SUITE_END()
