#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/export.hpp>

#include <nlohmann/json.hpp>

namespace mcbatch::report {
namespace {

ledger::record a_record() {
  ledger::record r;
  r.key = job_key{};
  r.manifest = "catalog, \"final\".jsonl";
  r.line = 7;
  r.state = job_state::rejected;
  r.http_status = 422;
  r.error = "invalid_request";
  r.message = "=HYPERLINK(\"x\")";
  r.attempts = 2;
  r.body = "{\"input_url\":\"https://u:p@in.example.com/a?X-Amz-Signature=5e11\",\n \"output_url\":\"s3://out/b\"}";
  return r;
}

BOOST_AUTO_TEST_SUITE(export_)

BOOST_AUTO_TEST_CASE(a_record_has_the_fields_that_scripts_rely_on_in_order) {
  const auto line = export_jsonl(a_record());
  BOOST_TEST(line.back() == '\n');
  const auto row = nlohmann::ordered_json::parse(line);
  std::string names;
  for (const auto& [name, value] : row.items())
    names += name + ",";
  BOOST_TEST(names + "\r\n" ==
             "key,manifest,line,state,job_id,http_status,error,message,attempts,submitted_at,"
             "estimated_cost_micros,input_url,output_url,job_type,conversion,progress_percent,final_cost_micros,"
             "processing_s,output_bytes,conversion_error,conversion_message,ended_at,\r\n");
  BOOST_TEST(export_csv_header() + "," == names.substr(0, names.size() - 1) + "\r\n,");
  BOOST_TEST(row["input_url"] == "https://in.example.com/a");
  BOOST_TEST(row["job_id"].is_null());
  BOOST_TEST(row["attempts"] == 2);
}

BOOST_AUTO_TEST_CASE(csv_is_quoted_and_holds_no_formula) {
  const auto line = export_csv(a_record());
  BOOST_TEST(line ==
             "00000000000000000000000000000000,\"catalog, \"\"final\"\".jsonl\",7,rejected,,422,invalid_request,"
             "\"'=HYPERLINK(\"\"x\"\")\",2,,,https://in.example.com/a,s3://out/b,,,,,,,,,\r\n");
}

/// What spreadsheets evaluate, by the first character of a cell.
BOOST_AUTO_TEST_CASE(text_in_csv_is_no_formula_and_numbers_stay_numbers) {
  struct row {
    const char* message;
    const char* cell;
  };
  const row rows[] = {
      {"=1+1", "'=1+1"},
      {"+1", "'+1"},
      {"-1", "'-1"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"  =1+1", "'  =1+1"},
      {"\t=1+1", "\\t=1+1"},
      {"\r=1+1", "\\r=1+1"},
      {"\n=1+1", "\\n=1+1"},
      {"a=1+1", "a=1+1"},
      {"'=1", "'=1"},
      {"=1,\"2", "\"'=1,\"\"2\""},
      {"two\nlines\x1b[2J", "two\\nlines\\x1b[2J"},
  };
  for (const auto& [message, cell] : rows) {
    auto r = a_record();
    r.manifest = "m";
    r.message = message;
    r.estimated_cost_micros = -1;
    BOOST_TEST(export_csv(r) == "00000000000000000000000000000000,m,7,rejected,,422,invalid_request," +
                                    std::string(cell) + ",2,,-1,https://in.example.com/a,s3://out/b,,,,,,,,,\r\n");
    // JSON keeps what it was.
    BOOST_TEST(nlohmann::json::parse(export_jsonl(r))["message"] == message);
  }
}

BOOST_AUTO_TEST_CASE(json_shows_no_character_that_acts) {
  auto r = a_record();
  r.message = "\x1b[2J\x7f\xc2\x9b\xe2\x80\xae";
  const auto line = export_jsonl(r);
  BOOST_TEST(line.find(R"("message":"\u001b[2J\u007f\u009b\u202e")") != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(an_entry_comes_back_on_one_line_and_without_what_defaults_added) {
  auto r = a_record();
  BOOST_TEST(export_entry(r) ==
             "{\"input_url\":\"https://u:p@in.example.com/a?X-Amz-Signature=5e11\",  \"output_url\":\"s3://out/b\"}\n");
  r.body = R"({"a":1,"b":2})";
  r.own_size = 6;
  BOOST_TEST(export_entry(r) == "{\"a\":1}\n");
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_json_has_no_urls) {
  auto r = a_record();
  r.body = "\xff not json";
  BOOST_TEST(nlohmann::json::parse(export_jsonl(r))["input_url"].is_null());
}

BOOST_AUTO_TEST_CASE(a_submitted_job_shows_how_far_its_conversion_is) {
  auto r = a_record();
  r.state = job_state::submitted;
  r.job_type = "video";
  BOOST_TEST(nlohmann::json::parse(export_jsonl(r))["conversion"] == "pending");
  r.conversion.emplace();
  r.conversion->state = conversion_state::failed;
  r.conversion->progress_percent = 25;
  r.conversion->cost_micros = 0;
  r.conversion->error = "INVALID_INPUT";
  r.conversion->message = "=cmd()";
  r.conversion->ended_at = wall_time(std::chrono::seconds(1705320000));
  const auto row = nlohmann::json::parse(export_jsonl(r));
  BOOST_TEST(row["conversion"] == "failed");
  BOOST_TEST(row["progress_percent"] == 25);
  BOOST_TEST(row["final_cost_micros"] == 0);
  BOOST_TEST(row["processing_s"].is_null());
  BOOST_TEST(row["conversion_error"] == "INVALID_INPUT");
  BOOST_TEST(row["ended_at"] == "2024-01-15T12:00:00.000Z");
  BOOST_TEST(export_csv(r).ends_with(",video,failed,25,0,,,INVALID_INPUT,'=cmd(),2024-01-15T12:00:00.000Z\r\n"),
             export_csv(r));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
