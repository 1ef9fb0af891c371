// Base URLs and tokens: what is taken, and what is refused with which words.
#include "sample.hpp"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

using namespace mcbatch;
using namespace mcbatch::api;
using namespace mcbatch::api::test;

namespace {

class folder {
public:
  folder() : path_((std::filesystem::temp_directory_path() / "mcbatch_api_XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] std::string write(const std::string& content, mode_t mode) const {
    const auto path = path_ + "/token";
    std::filesystem::remove(path);
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }

private:
  std::string path_;
};

void check_refused(const result<token>& refused, const std::string& words) {
  BOOST_TEST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().code == errc::bad_setting));
  BOOST_TEST(refused.error().what.find(words) != std::string::npos, refused.error().what << " does not say: " << words);
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_settings)

BOOST_AUTO_TEST_CASE(base_urls_that_are_taken) {
  struct row {
    const char* text;
    net::origin peer;
    const char* prefix;
    const char* normal;
  };
  const row rows[] = {
      {"https://mediaconvert.io/api/v1", {"mediaconvert.io", "443"}, "/api/v1", "https://mediaconvert.io/api/v1"},
      {"https://mediaconvert.io/api/v1//", {"mediaconvert.io", "443"}, "/api/v1", "https://mediaconvert.io/api/v1"},
      {"HTTPS://API.MediaConvert.io:443/v1", {"api.mediaconvert.io", "443"}, "/v1", "https://api.mediaconvert.io/v1"},
      {"https://127.0.0.1:8443", {"127.0.0.1", "8443"}, "", "https://127.0.0.1:8443"},
      {"https://[::1]:8443/", {"::1", "8443"}, "", "https://[::1]:8443"},
      {"https://[::1]/x", {"::1", "443"}, "/x", "https://[::1]/x"},
      {"https://a/%7Eb/(c)", {"a", "443"}, "/%7Eb/(c)", "https://a/%7Eb/(c)"},
  };
  for (const auto& row : rows) {
    const auto parsed = base_url::parse(row.text);
    BOOST_TEST_REQUIRE(parsed.has_value(), row.text);
    BOOST_TEST((parsed->peer == row.peer));
    BOOST_TEST(parsed->prefix == row.prefix);
    BOOST_TEST(parsed->text() == row.normal);
  }
}

BOOST_AUTO_TEST_CASE(base_urls_that_are_refused) {
  struct row {
    const char* text;
    const char* words;
  };
  const row rows[] = {
      {"http://mediaconvert.io/api/v1", "in clear"},
      {"HTTP://mediaconvert.io", "in clear"},
      {"", "https://"},
      {"mediaconvert.io/api/v1", "https://"},
      {"ftp://mediaconvert.io", "https://"},
      {"https://", "host or port"},
      {"https:///api", "host or port"},
      {"https://a:0", "host or port"},
      {"https://a:65536", "host or port"},
      {"https://a:", "host or port"},
      {"https://a:x", "host or port"},
      {"https://a b", "host or port"},
      {"https://a\r\nX: y", "host or port"},
      {"https://m\xc3\xa9"
       "dia.io",
       "xn--"},
      {"https://::1", "host or port"},
      {"https://[::1", "host or port"},
      {"https://[127.0.0.1]", "host or port"},
      {"https://[fe80::1%eth0]", "host or port"},
      {"https://[::1]x", "host or port"},
      {"https://user:hunter2@a", "user name"},
      {"https://a/?hunter2", "query"},
      {"https://a/#hunter2", "fragment"},
      {"https://a/b c", "percent-encoded"},
      {"https://a/b\r\nX: y", "percent-encoded"},
  };
  for (const auto& row : rows) {
    const auto refused = base_url::parse(row.text);
    BOOST_TEST_REQUIRE(refused.has_error(), row.text);
    const auto& what = refused.error().what;
    BOOST_TEST((refused.error().code == errc::bad_setting));
    BOOST_TEST(what.find(row.words) != std::string::npos, what << " does not say: " << row.words);
    BOOST_TEST(what.find("hunter2") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_token_is_visible_ascii_and_is_not_shown) {
  const auto good = token::from("mc_live_aB3-._~+/=", "a test").value();
  BOOST_TEST(good.secret() == "mc_live_aB3-._~+/=");
  std::ostringstream shown;
  shown << good;
  BOOST_TEST(shown.str() == "***");

  const std::string bad[] = {"a b", "a\r\nX: y", "a\n", "\ta", std::string("a\0b", 3), "\x7f", "caf\xc3\xa9"};
  for (const auto& text : bad) {
    const auto refused = token::from(text, "the environment variable X");
    check_refused(refused, "the environment variable X");
    BOOST_TEST(refused.error().what.find(text) == std::string::npos);
  }
  check_refused(token::from("", "X"), "empty");
}

BOOST_AUTO_TEST_CASE(a_token_in_the_environment) {
  const net::environment lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "SET") return "mc_test_1";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  BOOST_TEST(token_from_env("SET", lookup).value().secret() == "mc_test_1");
  check_refused(token_from_env("EMPTY", lookup), "EMPTY cannot be used: it is empty");
  check_refused(token_from_env("UNSET", lookup), "UNSET is not set");
}

BOOST_AUTO_TEST_CASE(a_token_is_the_first_line_of_a_private_file) {
  const folder here;
  for (const auto* content : {"mc_test_1", "mc_test_1\n", "mc_test_1\r\n", "mc_test_1\nmore\n"})
    BOOST_TEST(token_from_file(here.write(content, 0600)).value().secret() == "mc_test_1");
  BOOST_TEST(token_from_file(here.write("mc_test_1", 0400)).value().secret() == "mc_test_1");

  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U, 0610U})
    check_refused(token_from_file(here.write("mc_test_1", mode)), "Run: chmod 600 ");
  check_refused(token_from_file(here.write("", 0600)), "empty");
  check_refused(token_from_file(here.write("\nmc_test_1\n", 0600)), "empty");
  check_refused(token_from_file(here.write("mc_test_1 \n", 0600)), "space");
  check_refused(token_from_file(here.write(std::string(100'000, 'x'), 0600)), "no token on its first line");
  const std::string bad[] = {"mc_test\rX-Evil: 1\n", "mc_test\t\n", std::string("mc_test\0\n", 9)};
  for (const auto& content : bad)
    check_refused(token_from_file(here.write(content, 0600)), "a control character");
  check_refused(token_from_file(here.path()), "is a directory: name the file in it");
  check_refused(token_from_file("/nowhere/token"), "/nowhere/token cannot be read: No such file");
}

BOOST_AUTO_TEST_SUITE_END()
