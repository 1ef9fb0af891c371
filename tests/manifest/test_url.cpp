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
      {"AWSAccessKeyId=A&Expires=1705314600&Signature=a", morning},
      {"Expires=1705314600&Signature=a", never},
      {"AWSAccessKeyId=A&Expires=9223372036854775807&Signature=a", never},
      {"X-Goog-Date=20240115T103000Z&X-Goog-Expires=60&X-Goog-Signature=a", morning + 60},
      {"GoogleAccessId=a%40b&Expires=1705314600&Signature=a", morning},
      {"sv=2022&se=2024-01-15T10%3A30%3A00Z&sig=a", morning},
      {"se=2024-01-15T10:30Z&sig=a", morning},
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
      {"Policy=bm90IEpTT04_&Signature=a&Key-Pair-Id=K", never},
      {"a=1", never},
      {"", never},
  };
  for (const auto& t : table)
    BOOST_TEST(seconds_of(presigned_until("https://h/k?" + t.query + "#f")) == t.end, t.query);
  BOOST_TEST(seconds_of(presigned_until("https://h/k")) == never);
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
