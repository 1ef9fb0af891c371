#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

namespace mcbatch::manifest::test {
namespace {

bool only_problem_mentions(const reading& all, std::string_view text) {
  const auto& problems = all.bad(0).problems;
  return problems.size() == 1 && problems[0].message.find(text) != std::string::npos;
}

std::string nested(std::size_t depth) {
  return ",\"x\":" + std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_lines)

BOOST_AUTO_TEST_CASE(the_body_is_what_the_user_wrote) {
  const std::string_view extras[] = {
      "",
      R"(, "n" : 1e400, "m":123456789012345678901234567890, "z":-0.0)",
      R"(,"s":"\u0041\/\ud83d\ude00\u0000","deep":{"b":[1,{"c":null}],"a":true})",
      ",\"line separator\":\"\xe2\x80\xa8\"",
      R"(,"":"","input_size_bytes":0)",
      R"(,"e1":{"a":1},"e2":{"a":2})",
  };
  for (const auto extra : extras)
    BOOST_TEST(read_one("  " + job(extra) + "\t\r\n").body == job(extra));
}

BOOST_AUTO_TEST_CASE(blank_lines_are_counted_and_skipped) {
  BOOST_TEST(read_all(job() + "\n\n \t\r\n" + job() + "\r\n{}\n").outline() ==
             "1 ok | 4 ok | 5 bad input_url,output_url,job_type,input_format,output_format");
}

BOOST_AUTO_TEST_CASE(a_bad_line_is_a_problem_of_its_own) {
  const struct {
    std::string line;
    std::string_view says;
  } table[] = {
      {job().substr(0, job().size() - 1), "not closed"},
      {job(",\"a\":{\"b\":1"), ""},
      {job(",\"a\":[1"), ""},
      {job("}"), "other text follows"},
      {job() + " " + job(), "other text follows"},
      {job() + ",", ""},
      {job(",\"a\":\"open"), ""},
      {job(","), "not valid JSON"},
      {job(",,\"a\":1"), "not valid JSON"},
      {job(",\"a\" 1"), "not valid JSON"},
      {job(",\"a\":"), "not valid JSON"},
      {job(",\"a\":[1,]"), "not valid JSON"},
      {job(",\"a\":[1 2]"), "not valid JSON"},
      {job(",\"a\":[1}"), "not valid JSON"},
      {job(",\"a\":{\"b\":[}]"), "not valid JSON"},
      {job(",a:1"), "not valid JSON"},
      {job(",'a':1"), "not valid JSON"},
      {job(",\"a\":nul"), "not valid JSON"},
      {job(",\"a\":truee"), "not valid JSON"},
      {job(",\"a\":01"), "not valid JSON"},
      {job(",\"a\":+1"), "not valid JSON"},
      {job(",\"a\":1."), "not valid JSON"},
      {job(",\"a\":.5"), "not valid JSON"},
      {job(",\"a\":1e"), "not valid JSON"},
      {job(",\"a\":-"), "not valid JSON"},
      {job(",\"a\":NaN"), "not valid JSON"},
      {job(",\"a\":1 /* no */"), "not valid JSON"},
      {job(R"(,"a":"\ud800")"), "surrogate"},
      {job(R"(,"a":"\udc00")"), "surrogate"},
      {job(R"(,"a":"\ud800\u0041")"), "surrogate"},
      {job(R"(,"\udfff":1)"), "surrogate"},
      {job(R"(,"a":"\x")"), "escape"},
      {job(R"(,"a":"\u00g0")"), "escape"},
      {job(",\"a\":\"\x01\""), "control character"},
      {job(",\"a\":\"\xff\""), "not UTF-8"},
      {job(",\"a\":\"\xed\xa0\x80\""), "not UTF-8"},
      {job(",\"a\":\"\xc0\x80\""), "not UTF-8"},
      {job(nested(64)), "more than 64 deep"},
      {job(R"(,"a":1,"a":1)"), "\"a\" stands twice"},
      {job(R"(,"a":1,"b":2,"\u0061":3)"), "\"a\" stands twice"},
      {job(R"(,"x":[{"y":{"k":1,"k":2}}])"), "\"k\" stands twice"},
      {"[" + job() + "]", "not a JSON object"},
      {"null", "not a JSON object"},
      {"\"text\"", "not a JSON object"},
  };
  for (const auto& t : table) {
    const auto all = read_all(t.line + '\n' + job() + '\n', {.format = format::jsonl});
    BOOST_TEST(all.items.size() == 2u, t.line);
    BOOST_TEST(only_problem_mentions(all, t.says), t.line << " says " << all.bad(0).problems[0].message);
    BOOST_TEST(all.bad(0).text == t.line);
    BOOST_TEST(all.good(1).line == 2u);
  }
  read_one(job(nested(63)));
}

BOOST_AUTO_TEST_CASE(a_repeated_member_is_named_as_the_field) {
  BOOST_TEST(read_all(job(R"(,"job_type":"video")")).outline() == "1 bad job_type");
}

BOOST_AUTO_TEST_CASE(no_truncation_of_an_object_is_an_object) {
  const auto whole = job(R"(,"a":{"b":[1,{"c":"\u00e9\n"}],"d":null},"e":-1.5e3)");
  for (std::size_t n = 1; n < whole.size(); ++n)
    BOOST_TEST(read_all(whole.substr(0, n)).bad(0).problems.size() == 1u, n);
}

BOOST_AUTO_TEST_CASE(entries_come_whole_across_every_block_border) {
  const auto text = job(",\"n\":1") + "\r\n\r\n" + job(",\"n\":2") + "\n" + job(",\"n\":3");
  for (std::size_t block = 1; block < text.size() + 2; ++block) {
    const auto all = read_all(text, {}, {.block = block});
    BOOST_TEST(all.outline() == "1 ok | 3 ok | 4 ok", block);
    BOOST_TEST(all.good(2).body == job(",\"n\":3"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
