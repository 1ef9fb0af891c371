#define BOOST_TEST_DYN_LINK
#include "sandbox/webhook_url.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace mcbatch::sandbox;

BOOST_AUTO_TEST_SUITE(webhook_urls)

BOOST_AUTO_TEST_CASE(urls_are_taken_apart) {
  const struct {
    std::string text;
    bool tls;
    std::string host, port, authority, target;
  } rows[] = {
      {"http://h", false, "h", "80", "h", "/"},
      {"https://h/a%20b?c=d%26&e", true, "h", "443", "h", "/a%20b?c=d%26&e"},
      {"HTTP://127.0.0.1:9000?x=/", false, "127.0.0.1", "9000", "127.0.0.1:9000", "/?x=/"},
      {"https://[::1]:8443/a:b@c", true, "::1", "8443", "[::1]:8443", "/a:b@c"},
      {"https://[::1]", true, "::1", "443", "[::1]", "/"},
      {"http://h/p#fragment", false, "h", "80", "h", "/p"},
      {"http://h#?", false, "h", "80", "h", "/"},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      const auto url = parse_webhook_url(row.text);
      BOOST_TEST_REQUIRE(url.has_value());
      BOOST_TEST(url->tls == row.tls);
      BOOST_TEST(url->host == row.host);
      BOOST_TEST(url->port == row.port);
      BOOST_TEST(url->authority == row.authority);
      BOOST_TEST(url->target == row.target);
    }
  }
}

// Least of all one that would write lines of its own into the request.
BOOST_AUTO_TEST_CASE(what_is_no_such_url_is_refused) {
  for (const std::string text :
       {"", "h", "ftp://h/", "http:/h", "http://", "http:///p", "http://:80/", "http://h:0/", "http://h:65536/",
        "http://h:/", "http://h:8x/", "http://user@h/", "http://[::1/", "http://[::1]x/", "http://h/a b",
        "http://h/\r\nX: y", "http://h/\x01", "http://h/\xc3\xa4"})
    BOOST_TEST(!parse_webhook_url(text).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()
