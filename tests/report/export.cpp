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
  BOOST_TEST(names + "\r\n" == "key,manifest,line,state,job_id,http_status,error,message,attempts,submitted_at,"
                               "estimated_cost_micros,input_url,output_url,\r\n");
  BOOST_TEST(export_csv_header() + "," == names.substr(0, names.size() - 1) + "\r\n,");
  BOOST_TEST(row["input_url"] == "https://in.example.com/a");
  BOOST_TEST(row["job_id"].is_null());
  BOOST_TEST(row["attempts"] == 2);
}

BOOST_AUTO_TEST_CASE(csv_is_quoted_and_holds_no_formula) {
  const auto line = export_csv(a_record());
  BOOST_TEST(line ==
             "00000000000000000000000000000000,\"catalog, \"\"final\"\".jsonl\",7,rejected,,422,invalid_request,"
             "\"'=HYPERLINK(\"\"x\"\")\",2,,,https://in.example.com/a,s3://out/b\r\n");
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

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
