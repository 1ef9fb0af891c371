#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <mcbatch/manifest/default_field.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace mcbatch::manifest::test {
namespace {

/// A job whose member `field` is `json`, or is not there if that is empty.
std::string job_with(const std::string& field, const std::string& json) {
  std::string text;
  for (const auto& [name, plain] : {std::pair<std::string, std::string>{"input_url", "\"s3://in/a\""},
                                    {"output_url", "\"s3://out/a\""},
                                    {"job_type", "\"video\""},
                                    {"input_format", "\"mp4\""},
                                    {"output_format", "\"webm\""},
                                    {"input_size_bytes", ""},
                                    {"webhook_url", ""}}) {
    const auto& written = name == field ? json : plain;
    if (written.empty()) continue;
    text += (text.empty() ? "" : ",") + ('"' + name + "\":") + written;
  }
  return '{' + text + '}';
}

} // namespace

BOOST_AUTO_TEST_SUITE(checks)

BOOST_AUTO_TEST_CASE(each_field_is_judged_with_a_sentence) {
  const std::string absolute = "must be an absolute URL with scheme http, https, s3 or gs, not ";
  const struct {
    std::string field;
    std::string json;
    std::string message; ///< without the field's name; empty: the job is good
  } table[] = {
      {"output_url", "", "is missing"},
      {"job_type", "", "is missing"},
      {"input_format", "null", "must be a string, not null"},
      {"output_format", "7", "must be a string, not a number"},
      {"job_type", "true", "must be a string, not a boolean"},
      {"job_type", "[]", "must be a string, not an array"},
      {"job_type", "{}", "must be a string, not an object"},
      {"job_type", "\"\"", "is empty"},
      {"input_url", "\"foo.mp4\"", absolute + "\"foo.mp4\""},
      {"input_url", "\"ftp://h/x\"", absolute + "\"ftp://h/x\""},
      {"input_url", "\"//h/x\"", absolute + "\"//h/x\""},
      {"input_url", "\"https:/h/x\"", absolute + "\"https:/h/x\""},
      {"input_url", "\"foo?sig=secret\"", absolute + "\"foo\""},
      {"input_url", "\"a\\nb\"", absolute + "\"a\\nb\""},
      {"input_url", "\"https:///x\"", "must name a host or bucket, which \"https:///x\" does not"},
      {"input_url", "\"s3://\"", "must name a host or bucket, which \"s3://\" does not"},
      {"input_url", "\"https://:80/x\"", "must name a host or bucket, which \"https://:80/x\" does not"},
      {"input_url", "\"https://u:p@/x?sig=secret\"", "must name a host or bucket, which \"https:///x\" does not"},
      {"input_url", "\"https://h/a b\"", "must not hold white space or control characters, as \"https://h/a b\" does"},
      {"input_url", "\"https://h/a\\u0000\"",
       "must not hold white space or control characters, as \"https://h/a\\x00\" does"},
      {"input_url", "\"https://h\"", ""},
      {"input_url", "\"HTTP://h/x?y=1#z\"", ""},
      {"input_url", "\"gs://bucket/object\"", ""},
      {"input_url", "\"https://[::1]:8443/\u00e9\"", ""},
      {"input_size_bytes", "0", ""},
      {"input_size_bytes", "123456789012345678901234567890", ""},
      {"input_size_bytes", "-1", "must be a whole number of bytes, 0 or more, not \"-1\""},
      {"input_size_bytes", "1.0", "must be a whole number of bytes, 0 or more, not \"1.0\""},
      {"input_size_bytes", "1e3", "must be a whole number of bytes, 0 or more, not \"1e3\""},
      {"input_size_bytes", "\"12\"", "must be a whole number of bytes, 0 or more, not a string"},
      {"input_size_bytes", "null", "must be a whole number of bytes, 0 or more, not null"},
      {"webhook_url", "\"https://me.example/hook\"", ""},
      {"webhook_url", "1", "must be a string, not a number"},
      {"webhook_url", "\"me.example\"", absolute + "\"me.example\""},
  };
  for (const auto& t : table) {
    const auto text = job_with(t.field, t.json);
    const auto all = read_all(text);
    if (t.message.empty()) {
      BOOST_TEST(all.outline() == "1 ok", text);
      continue;
    }
    BOOST_TEST(all.outline() == "1 bad " + t.field);
    BOOST_TEST(all.bad(0).problems.at(0).message == t.field + ' ' + t.message);
    BOOST_TEST(all.bad(0).text == text);
  }
}

BOOST_AUTO_TEST_CASE(every_problem_of_an_entry_is_told) {
  const auto all = read_all(R"({"input_url":"x","job_type":1,"input_size_bytes":-1,"webhook_url":""})");
  BOOST_TEST(all.outline() ==
             "1 bad input_url,output_url,job_type,input_format,output_format,input_size_bytes,webhook_url");
}

BOOST_AUTO_TEST_CASE(a_long_value_is_shown_in_part) {
  const auto all =
      read_all(job_with("input_url", '"' + std::string(99, 'a') + "\u00e9" + std::string(5000, 'b') + '"'));
  const auto& message = all.bad(0).problems.at(0).message;
  BOOST_TEST(message.ends_with('"' + std::string(99, 'a') + "...\""), message);
}

BOOST_AUTO_TEST_CASE(defaults_fill_what_an_entry_lacks) {
  const std::vector<default_field> defaults{{"output_format", "\"ogg\""}, {"options", "{\"a\":[1]}"}};
  const struct {
    std::string text;
    std::string body;
  } table[] = {
      {job(), job(R"(,"options":{"a":[1]})")},
      {job_with("output_format", ""),
       R"({"input_url":"s3://in/a","output_url":"s3://out/a","job_type":"video","input_format":"mp4",)"
       R"("output_format":"ogg","options":{"a":[1]}})"},
      {job(R"(,"options":null  )"), job(R"(,"options":null  )")},
      {job(" \t"), job(" \t,\"options\":{\"a\":[1]}")},
      {job(R"(,"\u006fptions":1)"), job(R"(,"\u006fptions":1)")},
  };
  for (const auto& t : table)
    BOOST_TEST(read_one(t.text, {.defaults = defaults}).body == t.body);
}

BOOST_AUTO_TEST_CASE(defaults_can_make_a_job_of_nothing) {
  std::vector<default_field> defaults;
  for (const auto text : {"input_url=s3://in/a.mp4", "output_url=s3://out/a.webm", "job_type=video", "input_format=mp4",
                          "output_format=webm"})
    defaults.push_back(parse_default(text).value());
  for (const auto text : {"{}", "{ }"})
    BOOST_TEST(read_one(text, {.defaults = defaults}).body ==
               text[0] + std::string(text[1] == ' ' ? " " : "") + job().substr(1));
}

BOOST_AUTO_TEST_CASE(defaults_are_checked_as_an_entrys_own_fields_are) {
  BOOST_TEST(read_all(job(), {.defaults = {{"webhook_url", "\"nowhere\""}}}).outline() == "1 bad webhook_url");
  BOOST_TEST(read_all(job_with("job_type", "null"), {.defaults = {{"job_type", "\"audio\""}}}).outline() ==
             "1 bad job_type");
}

BOOST_AUTO_TEST_CASE(default_arguments) {
  const struct {
    std::string_view argument;
    std::string_view name; ///< empty: refused
    std::string_view json;
  } table[] = {
      {"a=b", "a", "\"b\""},
      {"a=", "a", "\"\""},
      {"a=b=c:=d", "a", "\"b=c:=d\""},
      {"a=\"\\\n", "a", R"("\"\\\n")"},
      {"a:=1", "a", "1"},
      {"a:={\"b\":[null]}", "a", "{\"b\":[null]}"},
      {"a:= 1e400\n", "a", "1e400"},
      {"a b=c", "a b", "\"c\""},
      {"a", "", ""},
      {"=b", "", ""},
      {":=1", "", ""},
      {"a:=b", "", ""},
      {"a:=", "", ""},
      {"a:=1,\"b\":2", "", ""},
      {"a:=1}", "", ""},
      {"a=\xff", "", ""},
      {"\xff=a", "", ""},
  };
  for (const auto& t : table) {
    const auto parsed = parse_default(t.argument);
    BOOST_TEST_REQUIRE(parsed.has_value() == !t.name.empty(), t.argument);
    if (!parsed) {
      BOOST_TEST((parsed.error().code == errc::usage));
      continue;
    }
    BOOST_TEST(parsed->name == t.name);
    BOOST_TEST(parsed->json == t.json);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
