#define BOOST_TEST_DYN_LINK
#include <mcbatch/report/page.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

using namespace mcbatch::report;

namespace {

std::string file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

std::string policy(const std::string& page) {
  const std::string before = "http-equiv=\"Content-Security-Policy\" content=\"";
  const auto at = page.find(before) + before.size();
  return page.substr(at, page.find('"', at) - at);
}

} // namespace

BOOST_AUTO_TEST_SUITE(page)

BOOST_AUTO_TEST_CASE(the_files_are_embedded_to_the_byte) {
  const auto whole = page_html(page_kind::report, "{}");
  for (const std::string name : {PAGE_FOLDER "/page.css", PAGE_FOLDER "/page.js", CHART_JS}) {
    const auto text = file(name);
    BOOST_TEST_REQUIRE(text.size() > 1000u, name);
    BOOST_TEST(whole.find(text) != whole.npos, name);
  }
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_picture_ends_no_script_and_opens_no_tag) {
  const std::string hostile = "{\"a\":\"</script><script>alert(1)</script><!--&amp;\u2028\u2029{{script}}\"}";
  const auto whole = page_html(page_kind::report, hostile);
  BOOST_TEST(whole.find("alert(1)</script>") == whole.npos);
  BOOST_TEST(whole.find(R"({"a":"\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e\u003c!--\u0026amp;)"
                        R"(\u2028\u2029{{script}}"})") != whole.npos);
  BOOST_TEST(count(whole, "</script>") == count(page_html(page_kind::report, "{}"), "</script>"));
}

BOOST_AUTO_TEST_CASE(a_report_lets_no_request_out_and_no_foreign_script_in) {
  const auto whole = page_html(page_kind::report, "{}");
  const auto p = policy(whole);
  BOOST_TEST(p.starts_with("default-src 'none'; style-src 'sha256-"), p);
  BOOST_TEST(p.find("unsafe") == p.npos);
  BOOST_TEST(p.find("connect-src") == p.npos);
  BOOST_TEST(count(p, "'sha256-") == 3u);
  BOOST_TEST(count(whole, "<script") == 3u);
  BOOST_TEST(whole.find(" style=") == whole.npos);
  BOOST_TEST(policy(page_html(page_kind::live, "{}")).ends_with("; connect-src 'self'"));
}

BOOST_AUTO_TEST_CASE(it_is_small_beside_what_it_shows) {
  BOOST_TEST(page_html(page_kind::report, "{}").size() < 300'000u);
}

BOOST_AUTO_TEST_SUITE_END()
