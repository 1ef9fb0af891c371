#define BOOST_TEST_DYN_LINK
#include <mcbatch/core/date.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t date_s = 1705314600; // Mon, 15 Jan 2024 10:30:00 GMT
constexpr const char* date = "Mon, 15 Jan 2024 10:30:00 GMT";
constexpr wall_time server_now{std::chrono::seconds(date_s)};

std::string number(std::int64_t n) {
  return std::to_string(n);
}

std::optional<std::int64_t> millis(std::optional<duration> d) {
  if (!d) return std::nullopt;
  return *d / 1ms;
}

std::string text(std::optional<std::int64_t> n) {
  return n ? std::to_string(*n) : "nothing";
}
std::string text(std::optional<std::uint64_t> n) {
  return n ? std::to_string(*n) : "nothing";
}

} // namespace

BOOST_AUTO_TEST_SUITE(rate_headers_)

BOOST_AUTO_TEST_CASE(counts) {
  struct row {
    const char* said;
    std::optional<std::uint64_t> read;
  };
  const row rows[] = {{"1000", 1000},
                      {" 956 ", 956},
                      {"\"956\"", 956},
                      {"1000;w=3600", 1000},
                      {"1000, 1000", 1000},
                      {"18446744073709551614", UINT64_MAX - 1},
                      {"18446744073709551616", {}},
                      {"-5", {}},
                      {"NaN", {}},
                      {"", {}},
                      {"0x3e8", {}},
                      {"956 left", {}},
                      {"1e3", {}},
                      {"9.5", {}},
                      {"+5", {}},
                      {"1,000", {}},
                      {"10,000,000", {}},
                      {"100, 200", {}},
                      {";w=60", {}},
                      {"\"100", {}},
                      {"unlimited", {}}};
  for (const auto& [said, read] : rows) {
    headers h;
    h.add("x-ratelimit-limit", said);
    h.add("X-RATELIMIT-REMAINING", said);
    const auto info = parse_rate_headers(h, server_now);
    BOOST_TEST(text(info.limit) == text(read), "Limit '" << said << "'");
    BOOST_TEST(text(info.remaining) == text(read), "Remaining '" << said << "'");
  }
}

BOOST_AUTO_TEST_CASE(a_limit_counts_for_nothing_beside_a_remaining_that_is_nonsense) {
  for (const auto& [remaining, believed] :
       {std::pair{"956", true}, {"-3", true}, {"unlimited", true}, {"956 requests", false}, {"1e2", false}}) {
    headers h;
    h.add("X-RateLimit-Limit", "1000");
    h.add("X-RateLimit-Remaining", remaining);
    BOOST_TEST(parse_rate_headers(h, server_now).limit.has_value() == believed, remaining);
  }
}

BOOST_AUTO_TEST_CASE(no_limit) {
  struct row {
    const char *limit, *remaining, *reset;
    bool unlimited;
  };
  const row rows[] = {{"unlimited", nullptr, nullptr, true},
                      {"Unlimited", "unlimited", nullptr, true},
                      {"UNLIMITED", "-1", "0", true},
                      {"-1", "-1", "-1", true},
                      {"-1", nullptr, nullptr, true},
                      {"none", "none", nullptr, true},
                      {"null", nullptr, nullptr, true},
                      {"inf", "inf", nullptr, true},
                      {"Infinity", nullptr, nullptr, true},
                      {"∞", "∞", nullptr, true},
                      {"no-limit", nullptr, nullptr, true},
                      {"2147483647", nullptr, nullptr, true},
                      {"2147483647", "2147483640", nullptr, true},
                      {"4294967295", "4294967295", nullptr, true},
                      {"9007199254740991", nullptr, nullptr, true},
                      {"9223372036854775807", "9223372036854775807", nullptr, true},
                      {"18446744073709551615", "unlimited", nullptr, true},
                      {"0", nullptr, nullptr, true},
                      {"0", "0", nullptr, true},
                      {"0", "unlimited", nullptr, true},
                      {"0", "0", "0", true},
                      {"0", "0", "1705316400", true},
                      // Remaining contradicts.
                      {"-1", "-5", nullptr, false},
                      {"-1", "0", nullptr, false},
                      {"-1", "3", nullptr, false},
                      {"unlimited", "3", nullptr, false},
                      {"unlimited", "0", nullptr, false},
                      {"unlimited", "some", nullptr, false},
                      {"2147483647", "199", nullptr, false},
                      {"18446744073709551615", "0", nullptr, false},
                      {"0", "3", nullptr, false},
                      {"0", "-3", nullptr, false},
                      // A 0 has to agree with Reset as well.
                      {"0", "0", "253402300799", false},
                      {"0", nullptr, "soon", false},
                      {"0", nullptr, "1705310000", false},
                      // Other numbers are numbers.
                      {"1000", nullptr, nullptr, false},
                      {"1000000000", nullptr, nullptr, false},
                      {"-2", nullptr, nullptr, false},
                      {"NaN", nullptr, nullptr, false},
                      {"", nullptr, nullptr, false},
                      {"unlimited requests", nullptr, nullptr, false}};
  for (const auto& r : rows) {
    headers h;
    h.add("Date", date);
    h.add("X-RateLimit-Limit", r.limit);
    if (r.remaining) h.add("X-RateLimit-Remaining", r.remaining);
    if (r.reset) h.add("X-RateLimit-Reset", r.reset);
    const auto info = parse_rate_headers(h, server_now);
    BOOST_TEST(info.unlimited == r.unlimited,
               r.limit << ", " << (r.remaining ? r.remaining : "nothing") << ", " << (r.reset ? r.reset : "nothing"));
    BOOST_TEST(!(info.unlimited && info.limit), r.limit);
    if (info.limit) BOOST_TEST(*info.limit > 0U); // a Limit of nothing is none
  }
}

BOOST_AUTO_TEST_CASE(reset) {
  struct row {
    std::string said;
    std::optional<std::int64_t> in_ms, at;
  };
  const row rows[] = {
      {number(date_s + 1800), 1'800'000, date_s + 1800},
      {number((date_s + 1800) * 1000), 1'800'000, date_s + 1800}, // milliseconds
      {number(date_s + 1800) + ".5", 1'800'500, date_s + 1800},
      {"1800", 1'800'000, {}}, // seconds from now
      {"0.5", 500, {}},
      {"0", {}, {}},
      {number(date_s), {}, {}},
      {number(date_s - 3600), {}, {}},
      {number((date_s - 3600) * 1000), {}, {}},
      {number(date_s + 366 * 86400 + 10), {}, {}},
      {"40000000", {}, {}}, // more than a year from now
      {"253402300799", {}, {}},
      {"9223372036854775808", {}, {}},
      {"1e999", {}, {}},
      {"-1705316400", {}, {}},
      {"-5", {}, {}},
      {"NaN", {}, {}},
      {"inf", {}, {}},
      {"", {}, {}},
      {"0x10", {}, {}},
      {number((date_s + 1800) * 1'000'000), 1'800'000, date_s + 1800},     // microseconds
      {number((date_s + 1800) * 1'000'000'000), 1'800'000, date_s + 1800}, // nanoseconds
      {"1.7053164e+09", 1'800'000, date_s + 1800},
      {"2024-01-15T11:00:00Z", 1'800'000, date_s + 1800},
      {"2024-01-15t12:00:00.250+01:00", 1'800'250, date_s + 1800},
      {"2024-01-15 05:30:00-05:30", 1'800'000, date_s + 1800},
      {"2024-01-15T09:30:00Z", {}, {}},
      {"2024-01-15T11:00:00", {}, {}},
      {"2024-01-15T11:00:00.Z", {}, {}},
      {"2024-01-15T11:00:00+1:00", {}, {}},
      {"2024-01-15T11:00:00+24:00", {}, {}},
      {"2024-02-30T11:00:00Z", {}, {}},
      {"2024-01-15T24:00:00Z", {}, {}},
      {"2024-01-15T11:00:00Zulu", {}, {}},
      {"Mon, 15 Jan 2024 11:00:00 GMT", 1'800'000, date_s + 1800},
      {"Monday, 15-Jan-24 11:00:00 GMT", 1'800'000, date_s + 1800},
      {"Mon Jan 15 11:00:00 2024", 1'800'000, date_s + 1800},
      {"60s", 60'000, {}},
      {"6m0s", 360'000, {}},
      {"1h2m3.5s", 3'723'500, {}},
      {"250ms", 250, {}},
      {"1500us", 1, {}},
      {"1500\u00b5s", 1, {}},
      {"1500\u03bcs", 1, {}},
      {"2000000ns", 2, {}},
      {"1d", 86'400'000, {}},
      {"0s", {}, {}},
      {"-5s", {}, {}},
      {"400d", {}, {}},
      {"5 s", {}, {}},
      {"5x", {}, {}},
      {"s", {}, {}},
      {"5m3", {}, {}},
      {"1.5.5s", {}, {}},
      {std::string(400, '9') + "s", {}, {}},
  };
  for (const auto& r : rows) {
    headers h;
    h.add("Date", date);
    h.add("X-RateLimit-Reset", r.said);
    const auto info = parse_rate_headers(h, server_now);
    BOOST_TEST(text(millis(info.reset_in)) == text(r.in_ms), "Reset '" << r.said << "'");
    BOOST_TEST(text(info.reset_at) == text(r.at), "Reset '" << r.said << "'");
  }
}

BOOST_AUTO_TEST_CASE(retry_after) {
  struct row {
    const char* said;
    std::optional<std::int64_t> in_ms;
  };
  const row rows[] = {{"120", 120'000},
                      {"0", 0},
                      {"1.5", 1500},
                      {"Mon, 15 Jan 2024 10:31:00 GMT", 60'000},
                      {"Mon, 15 Jan 2024 10:30:00 GMT", 0},
                      {"Mon, 15 Jan 2024 10:29:59 GMT", {}},
                      {"-1", {}},
                      {"99999999999", {}},
                      {"NaN", {}},
                      {"soon", {}},
                      {"1m30s", 90'000},
                      {"2024-01-15T10:31:00Z", 60'000},
                      {"1705314660", 60'000}, // a Unix time
                      {"Monday, 15-Jan-24 10:31:00 GMT", 60'000},
                      {"Mon Jan 15 10:31:00 2024", 60'000},
                      {"", {}}};
  for (const auto& [said, in_ms] : rows) {
    headers h;
    h.add("Date", date);
    h.add("Retry-After", said);
    const auto info = parse_rate_headers(h, server_now);
    BOOST_TEST(text(millis(info.retry_after)) == text(in_ms), "Retry-After '" << said << "'");
    BOOST_TEST((info.asked_wait() == info.retry_after));
  }
}

BOOST_AUTO_TEST_CASE(what_is_waited_for_is_judged_by_the_answers_own_date_whatever_our_clock_says) {
  for (const auto ours : {server_now, server_now + 24h * 365 * 10, server_now - 24h * 365 * 10, server_now + 90s}) {
    headers h;
    h.add("Date", date);
    h.add("X-RateLimit-Reset", number(date_s + 60));
    h.add("Retry-After", "Mon, 15 Jan 2024 10:30:45 GMT");
    const auto info = parse_rate_headers(h, ours);
    BOOST_TEST(text(millis(info.reset_in)) == "60000");
    BOOST_TEST(text(millis(info.retry_after)) == "45000");
  }
  for (const char* no_date : {"", "yesterday", "Mon, 99 Jan 2024 10:30:00 GMT"}) {
    headers h;
    h.add("Date", no_date);
    h.add("X-RateLimit-Reset", number(date_s + 60));
    BOOST_TEST(text(millis(parse_rate_headers(h, server_now - 5s).reset_in)) == "65000");
  }
}

BOOST_AUTO_TEST_CASE(no_headers_say_nothing) {
  const auto info = parse_rate_headers({}, server_now);
  BOOST_TEST(!info.limit);
  BOOST_TEST(!info.unlimited);
  BOOST_TEST(!info.remaining);
  BOOST_TEST(!info.reset_in);
  BOOST_TEST(!info.asked_wait());
}

BOOST_AUTO_TEST_CASE(http_dates) {
  struct row {
    const char* said;
    std::optional<std::int64_t> unix_seconds;
  };
  const row rows[] = {{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
                      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
                      {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
                      {"Wed, 31 Dec 2016 23:59:60 GMT", 1483228800}, // a leap second
                      {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
                      {"Wed, 29 Feb 2023 00:00:00 GMT", {}},
                      {"Sun, 00 Nov 1994 08:49:37 GMT", {}},
                      {"Sun, 06 Nov 1994 24:49:37 GMT", {}},
                      {"Sun, 06 Nov 1994 08:60:37 GMT", {}},
                      {"Sun, 06 Nov 1994 08:49:61 GMT", {}},
                      {"Sun, 06 Nov 1994 -8:49:37 GMT", {}},
                      {"Sun, 06 Nov -994 08:49:37 GMT", {}},
                      {"Sun, 06 Nov 1994 08-49-37 GMT", {}},
                      {"Sun, 06 Nov 1994 08:49:37 UTC", {}},
                      {"Sun, 06 XXX 1994 08:49:37 GMT", {}},
                      {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
                      {"Monday, 15-Jan-24 10:30:00 GMT", date_s},
                      {"Sun Nov  6 08:49:37 1994", 784111777},
                      {"Sun Nov 16 08:49:37 1994", 784975777},
                      {"Sun Nov  0 08:49:37 1994", {}},
                      {"Sun Nov    08:49:37 1994", {}},
                      {"Sun, 06 anF 1994 08:49:37 GMT", {}},
                      {"Sun,06 Nov 1994 08:49:37 GMT", {}},
                      {"Sun, 06 Nov 1994 08:49:37 GMT ", {}},
                      {"", {}}};
  for (const auto& [said, seconds] : rows) {
    const auto read = parse_http_date(said);
    const auto got =
        read ? std::optional<std::int64_t>(std::chrono::floor<std::chrono::seconds>(*read).time_since_epoch().count())
             : std::nullopt;
    BOOST_TEST(text(got) == text(seconds), said);
  }
}

BOOST_AUTO_TEST_SUITE_END()
