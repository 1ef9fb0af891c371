#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <mcbatch/manifest/url.hpp>

#include <boost/test/unit_test.hpp>

namespace mcbatch::manifest::test {
namespace {

constexpr std::int64_t never = -1;

std::int64_t seconds_of(std::optional<wall_time> t) {
  return t ? std::chrono::floor<std::chrono::seconds>(*t).time_since_epoch().count() : never;
}

// 2024-01-15T10:30:00Z
constexpr std::int64_t morning = 1705314600;

} // namespace

BOOST_AUTO_TEST_SUITE(urls)

BOOST_AUTO_TEST_CASE(people_see_no_secret) {
  const struct {
    std::string_view url;
    std::string_view shown;
  } table[] = {
      {"https://h:8443/a/b.mp4", "https://h:8443/a/b.mp4"},
      {"https://h/a?X-Amz-Signature=secret", "https://h/a"},
      {"https://h?secret", "https://h"},
      {"https://h/a#secret", "https://h/a"},
      {"https://h/a#x?secret", "https://h/a"},
      {"https://user:secret@h/a", "https://h/a"},
      {"https://us@er:secret@h/a@b?secret", "https://h/a@b"},
      {"//user:secret@h/a", "//h/a"},
      {"user:secret@h/a?secret", "h/a"},
      {"s3://bucket/key", "s3://bucket/key"},
      {"foo.mp4?secret", "foo.mp4"},
      {"foo.mp4?next=https://h/a&sig=secret", "foo.mp4"},
      {"", ""},
      {"?secret", ""},
  };
  for (const auto& t : table)
    BOOST_TEST(redact_url(t.url) == t.shown);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_signature) {
  const struct {
    std::string query;
    std::int64_t end;
  } table[] = {
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=3600&X-Amz-Signature=a", morning + 3600},
      {"x-amz-signature=a&x-amz-expires=0&x-amz-date=20240115T103000Z", morning},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=3600", never},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Signature=a", never},
      {"X-Amz-Date=20241315T103000Z&X-Amz-Expires=3600&X-Amz-Signature=a", never},
      {"X-Amz-Date=20230229T103000Z&X-Amz-Expires=3600&X-Amz-Signature=a", never},
      {"X-Amz-Date=yesterday&X-Amz-Expires=3600&X-Amz-Signature=a", never},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=99999999999999999999&X-Amz-Signature=a", never},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=-5&X-Amz-Signature=a", never},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=253402300800&X-Amz-Signature=a", never},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=&X-Amz-Signature=a", never},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=1h&X-Amz-Signature=a", never},
      {"X-Amz-Date=20240115T243000Z&X-Amz-Expires=60&X-Amz-Signature=a", never},
      {"X%2DAmz%2DDate=20240115T10%33000Z&x-amz-%45xpires=6%30&X-Amz-Signatur%65=a", morning + 60},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=60&X-Amz-Signature%=a%zz&%", never},
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=60&X-Amz-Expires=9&X-Amz-Signature=a", morning + 60},
      {"&&a&X-Amz-Date=20240115T103000Z&=&X-Amz-Expires=60&X-Amz-Signature", morning + 60},
      {"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20240115%2Feu-west-1%2Fs3%2Faws4_request"
       "&X-Amz-Date=20240115T103000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Security-Token=t"
       "&X-Amz-Signature=a",
       morning + 604800},
      {"AWSAccessKeyId=A&Expires=1705314600&Signature=a", morning},
      {"AWSAccessKeyId=A&Expires=1705314600&Signature=a%2Bb%3D&x-amz-security-token=t%3D", morning},
      {"AWSAccessKeyId=A&Expires=-1&Signature=a", never},
      {"AWSAccessKeyId=A&Expires=0&Signature=a", 0},
      {"awsaccesskeyid=A&expires=1705314600&signature=a", never}, // version 2 is particular about case
      {"Expires=1705314600&Signature=a", never},
      {"AWSAccessKeyId=A&Expires=9223372036854775807&Signature=a", never},
      {"X-Goog-Date=20240115T103000Z&X-Goog-Expires=60&X-Goog-Signature=a", morning + 60},
      {"x-goog-algorithm=GOOG4-RSA-SHA256&x-goog-credential=c&x-goog-date=20240115T103000Z&x-goog-expires=60"
       "&x-goog-signedheaders=host&x-goog-signature=a",
       morning + 60},
      {"X-Goog-Date=20240115T103000Z&X-Goog-Expires=-60&X-Goog-Signature=a", never},
      {"GoogleAccessId=a%40b&Expires=1705314600&Signature=a", morning},
      {"GoogleAccessId=a%40b&Expires=soon&Signature=a", never},
      {"sv=2022&se=2024-01-15T10%3A30%3A00Z&sig=a", morning},
      {"sv=2022-11-02&ss=b&srt=o&sp=r&se=2024-01-15T10:30:00Z&st=2024-01-01T00:00:00Z&spr=https&sig=a%2B", morning},
      {"skoid=o&sktid=t&skt=2024-01-10T00:00:00Z&ske=2024-01-17T00:00:00Z&sks=b&skv=2022-11-02&se=2024-01-15T10:30:00Z"
       "&sr=b&sp=r&sig=a",
       morning},
      {"se=2024-01-15T10:30Z&sig=a", morning},
      {"se=2024-01-15T10:30&sig=a", morning},
      {"se=2024-01-15T10:30:00&sig=a", morning},
      {"se=2024-01-15T12:30:00%2B02:00&sig=a", morning},
      {"se=2024-01-15T12:30+02:00&sig=a", morning},
      {"se=2024-01-15T05%3A00%3A00.5-05%3A30&sig=a", morning},
      {"se=2024-01-15T10:30:00.&sig=a", morning},
      {"se=2024-01-15T10:30:00+2&sig=a", never},
      {"se=2024-01-15T10:30:00+24:00&sig=a", never},
      {"se=2024-01-15T10:30:00 Z&sig=a", never},
      {"se=2024-01-15T10:30:61Z&sig=a", never},
      {"se=2024-01-15T10:60Z&sig=a", never},
      {"se=2024-01-15T24:00Z&sig=a", never},
      {"se=2024-01-15T&sig=a", never},
      {"se=&sig=a", never},
      {"se=2024-01-15T10:30:00.1234567Z&sig=a", morning},
      {"se=2024-01-15&sig=a", morning - 10 * 3600 - 1800},
      {"se=2024-02-15&ske=2024-01-15T10:30:00Z&sig=a", morning},
      {"se=2024-01-15", never},
      {"si=policy&sig=a", never},
      {"Expires=1705314600&Signature=a&Key-Pair-Id=K", morning},
      // {"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1705314600}}}]}
      {"Policy=eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTcw"
       "NTMxNDYwMH19fV19&Signature=a&Key-Pair-Id=K",
       morning},
      // Under an address range and a beginning too, and for a wildcard.
      {"Policy=eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cHM6Ly9kMS5jbG91ZGZyb250Lm5ldC9hLyo~"
       "Yj0qIiwiQ29uZGl0aW9uIjp7IklwQWRkcmVzcyI6eyJBV1M6U291cmNlSXAiOiIxOTIuMC4yLjAvMjQifSwiRGF0ZUdyZWF0ZXJUaGFuIjp7IkF"
       "XUzpFcG9jaFRpbWUiOjE3MDUzMDAwMDB9LCJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTcwNTMxNDYwMH19fV19&Signature=a&"
       "Key-Pair-Id=K",
       morning},
      // Three statements: the first with a later end, the second with none.
      {"Policy="
       "eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTcwNTMxNDY"
       "wOX19fSx7IlJlc291cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJJcEFkZHJlc3MiOnsiQVdTOlNvdXJjZUlwIjoiMC4wLjAuMC8wIn19fSx7IlJlc2"
       "91cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTcwNTMxNDYwMH19fV19&Signature=a&Key-"
       "Pair-Id=K",
       morning},
      // The time as text.
      {"Policy="
       "eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6IjE3MDUzMTQ"
       "2MDAifX19XX0_&Signature=a&Key-Pair-Id=K",
       morning},
      // Only a beginning.
      {"Policy="
       "eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJEYXRlR3JlYXRlclRoYW4iOnsiQVdTOkVwb2NoVGltZSI6MTcwNTM"
       "xNDYwMH19fV19&Signature=a&Key-Pair-Id=K",
       never},
      // An end before 1970.
      {"Policy="
       "eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiKiIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6LTF9fX1dfQ_"
       "_&Signature=a&Key-Pair-Id=K",
       never},
      {"Policy=eyJTdGF0ZW1lbnQiOltdfQ__&Signature=a&Key-Pair-Id=K", never},
      {"Policy=W10_&Signature=a&Key-Pair-Id=K", never},
      {"Policy=bm90IEpTT04_&Signature=a&Key-Pair-Id=K", never},
      {"Policy=&Signature=a&Key-Pair-Id=K", never},
      {"Policy=%%&Signature=a&Key-Pair-Id=K", never},
      // Signed twice: by the store, and by the network in front of it.
      {"X-Amz-Date=20240115T103000Z&X-Amz-Expires=60&X-Amz-Signature=a&Expires=1705314600&Signature=a&Key-Pair-Id=K",
       morning},
      {"a=1", never},
      {"", never},
  };
  for (const auto& t : table)
    BOOST_TEST(seconds_of(presigned_until("https://h/k?" + t.query + "#f")) == t.end, t.query);
  BOOST_TEST(seconds_of(presigned_until("https://h/k")) == never);
}

BOOST_AUTO_TEST_CASE(a_signature_in_the_fragment_or_the_path_is_none) {
  const std::string query = "X-Amz-Date=20240115T103000Z&X-Amz-Expires=3600&X-Amz-Signature=a";
  BOOST_TEST(seconds_of(presigned_until("https://h/k#?" + query)) == never);
  BOOST_TEST(seconds_of(presigned_until("https://h/k/" + query)) == never);
}

BOOST_AUTO_TEST_CASE(credentials_that_end_by_themselves) {
  const std::string v4 = "X-Amz-Date=20240115T103000Z&X-Amz-Expires=3600&X-Amz-Signature=a";
  const std::string v2 = "AWSAccessKeyId=A&Expires=1705314600&Signature=a";
  const struct {
    std::string query;
    bool temporary;
  } table[] = {
      {v4, false},
      {v4 + "&X-Amz-Security-Token=t", true},
      {"x-amz-security-token=t&" + v4, true},
      {v4 + "&X%2DAmz-Security%2dToken=t", true},
      {v2, false},
      {v2 + "&x-amz-security-token=t", true},
      {v2 + "&X-Amz-Security-Token=t", true},
      {"X-Amz-Security-Token=t", false}, // no signature is beside it
      {"X-Goog-Date=20240115T103000Z&X-Goog-Expires=60&X-Goog-Signature=a&X-Amz-Security-Token=t", false},
      {"", false},
  };
  for (const auto& t : table)
    BOOST_TEST(has_temporary_credentials("https://h/k?" + t.query + "#X-Amz-Security-Token=t") == t.temporary, t.query);
  const auto entry = [](const std::string& input, const std::string& output) {
    return read_one(R"({"input_url":"https://h/a?)" + input + R"(","output_url":"https://h/b?)" + output +
                    R"(","job_type":"v","input_format":"m","output_format":"w"})");
  };
  BOOST_TEST(!entry(v4, v2).temporary);
  BOOST_TEST(entry(v4 + "&X-Amz-Security-Token=t", "").temporary);
  BOOST_TEST(entry("", v2 + "&x-amz-security-token=t").temporary);
}

BOOST_AUTO_TEST_CASE(an_entry_ends_with_the_first_of_its_urls) {
  const auto with = [](const std::string& input, const std::string& output) {
    return read_one(R"({"input_url":"https://h/a)" + input + R"(","output_url":"https://h/b)" + output +
                    R"(","job_type":"v","input_format":"m","output_format":"w"})");
  };
  const std::string early = "?AWSAccessKeyId=A&Expires=100&Signature=a";
  const std::string late = "?AWSAccessKeyId=A&Expires=200&Signature=a";
  BOOST_TEST(seconds_of(with(early, late).expires_at) == 100);
  BOOST_TEST(seconds_of(with(late, early).expires_at) == 100);
  BOOST_TEST(seconds_of(with("", late).expires_at) == 200);
  BOOST_TEST(seconds_of(with("", "").expires_at) == never);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
