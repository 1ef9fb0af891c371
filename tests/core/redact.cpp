#include <mcbatch/core/redact.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch;

BOOST_AUTO_TEST_SUITE(core_redact)

/// Every form of a secret is "5ecret" here.
BOOST_AUTO_TEST_CASE(urls_lose_what_may_be_secret) {
  struct row {
    const char* text;
    const char* shown;
  };
  const row rows[] = {
      {"", ""},
      {"what is this? a=b, at 5:30 & so on #3", "what is this? a=b, at 5:30 & so on #3"},
      {"see https://b/k.mp4 today", "see https://b/k.mp4 today"},
      {"see https://b/k.mp4?X-Amz-Date=1&X-Amz-Signature=5ecret today", "see https://b/k.mp4?... today"},
      {"https://b/k?5ecret", "https://b/k?..."},
      {"https://b/k#access_token=5ecret", "https://b/k?..."},
      {"<a href=\"https://b/k?sig=5ecret\">", "<a href=\"https://b/k?...\">"},
      {"https://b/k?a&amp;X-Amz-Signature&#x3D;5ecret", "https://b/k?..."},
      {R"({"u":"https:\/\/b\/k\u003fa\u003d5ecret"})", R"({"u":"https:\/\/b\/k?..."})"},
      {"u=https%3A%2F%2Fb%2Fk%3Fa%3D5ecret", "u=https%3A%2F%2Fb%2Fk?..."},
      {"b.s3.aws/k?versionId=5ecret", "b.s3.aws/k?..."},
      {"X-Amz-Signature=5ecret is wrong", "X-Amz-?... is wrong"},
      {"X-Amz-Security-Token=5ecret", "X-Amz-Security-?..."},
      {"a/k&SIG=5ecret", "a/k&?..."},
      {"Signature%3d5ecret", "?..."},
      {"https://me:5ecret@b/k", "https://***@b/k"},
      {"https://5ecret@b", "https://***@b"},
      {"https://b/k@2", "https://b/k@2"},
      {"a@b.example", "a@b.example"},
      {"two: https://b/k?5ecret https://c/k?5ecret", "two: https://b/k?... https://c/k?..."},
  };
  for (const auto& [text, shown] : rows) {
    BOOST_TEST(redact(text) == shown);
    BOOST_TEST(redact(shown) == shown);
  }
}

BOOST_AUTO_TEST_CASE(a_secret_is_hidden_wherever_it_stands) {
  BOOST_TEST(without_secret("a5b5", "5") == "a***b***");
  BOOST_TEST(without_secret("x\\/y x/y", "x/y") == "*** ***");
  BOOST_TEST(without_secret("as it is", "") == "as it is");
}

BOOST_AUTO_TEST_SUITE_END()
