#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

namespace mcbatch::manifest::test {
namespace {

/// More than are ever read ahead, every hundredth of them bad.
std::string many_lines() {
  std::string text;
  for (int i = 1; i <= 3000; ++i)
    text += (i % 100 == 0 ? "{" : job(",\"n\":" + std::to_string(i))) + '\n';
  return text;
}

std::string all_of(const reading& r) {
  std::string text = r.outline();
  for (const auto& i : r.items) {
    if (const auto* e = std::get_if<entry>(&i)) {
      text += '\n' + to_hex(e->key) + ' ' + e->body;
      continue;
    }
    const auto& bad = std::get<bad_entry>(i);
    for (const auto& p : bad.problems)
      text += '\n' + p.message;
    text += '\n' + bad.text;
  }
  return text + '\n' + (r.broken ? r.broken->what : "");
}

/// Files have names of their own, which failures tell.
std::string without_name(std::string text) {
  const auto name = text.find("/mcbatch-");
  return name == std::string::npos ? text : text.erase(name, std::string_view("/mcbatch-XXXXXX").size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(reading_ahead)

BOOST_AUTO_TEST_CASE(what_is_read_ahead_is_the_same) {
  const auto many = many_lines();
  const std::string header = "input_url,output_url,job_type,input_format,output_format,x\n";
  const std::string row = "s3://in/a,s3://out/a,video,mp4,webm,\n";
  const std::string contents[] = {
      "",
      many,
      many + "\n" + std::string(2000, 'x') + "\n" + job(),
      "[" + job() + "," + job(",\"x\":tru") + ",," + job() + ",]",
      "[" + job() + "," + job(),
      header + row + "a,b\n" + row + "\"open\n" + row,
      gzipped(many).substr(0, 4000),
  };
  for (const auto& content : contents) {
    const auto plain = read_all(content, {}, {.entry = 1000});
    const auto ahead = read_all(content, {.ahead = true}, {.entry = 1000});
    BOOST_TEST(without_name(all_of(ahead)) == without_name(all_of(plain)));
  }
}

BOOST_AUTO_TEST_CASE(a_hopeless_manifest_is_given_up_at_the_same_line) {
  std::string bad;
  for (int i = 0; i < 2000; ++i)
    bad += "x\n";
  const auto all = read_all(job() + "\n" + bad, {.format = format::jsonl, .ahead = true}, {.bad_in_a_row = 100 * 1024});
  BOOST_TEST(all.items.size() == 100u);
  BOOST_TEST_REQUIRE(all.broken.has_value());
  BOOST_TEST(all.broken->what.find("line 101: none of the last 100 entries") != std::string::npos, all.broken->what);
}

BOOST_AUTO_TEST_CASE(a_reader_may_go_before_its_manifest_ends) {
  const temporary_file file(many_lines());
  for (int n = 0; n < 3; ++n) {
    auto opened = reader::open(file.path(), {.ahead = true});
    BOOST_TEST_REQUIRE(opened.has_value());
    for (int i = 0; i < n; ++i)
      BOOST_TEST(opened->next().has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
