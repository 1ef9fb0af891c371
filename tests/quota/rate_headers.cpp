#define BOOST_TEST_DYN_LINK
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
                      {"18446744073709551615", UINT64_MAX},
                      {"18446744073709551616", {}},
                      {"-1", {}},
                      {"-5", {}},
                      {"NaN", {}},
                      {"", {}},
                      {"1000;w=3600", {}},
                      {"0x3e8", {}},
                      {"956 left", {}},
                      {"1e3", {}},
                      {"9.5", {}},
                      {"+5", {}},
                      {"unlimited", {}}};
  for (const auto& [said, read] : rows) {
    headers h;
    h.add("x-ratelimit-limit", said);
    h.add("X-RATELIMIT-REMAINING", said);
    const auto info = parse_rate_headers(h, server_now);
    BOOST_TEST(text(info.limit) == text(read), "Limit '" << said << "'");
    BOOST_TEST(text(info.remaining) == text(read), "Remaining '" << said << "'");
  }
  headers zero;
  zero.add("X-RateLimit-Limit", "0");
  zero.add("X-RateLimit-Remaining", "0");
  BOOST_TEST(!parse_rate_headers(zero, server_now).limit); // who allows nothing, or everything?
  BOOST_TEST((parse_rate_headers(zero, server_now).remaining == 0U));
}

BOOST_AUTO_TEST_CASE(no_limit) {
  struct row {
    const char *limit, *remaining;
    bool unlimited;
  };
  const row rows[] = {{"unlimited", nullptr, true}, {"Unlimited", "unlimited", true},
                      {"-1", "-1", true},           {"-1", nullptr, true},
                      {"-1", "-5", false},          {"-1", "3", false},
                      {"1000", nullptr, false},     {"0", nullptr, false},
                      {"-2", nullptr, false}};
  for (const auto& r : rows) {
    headers h;
    h.add("X-RateLimit-Limit", r.limit);
    if (r.remaining) h.add("X-RateLimit-Remaining", r.remaining);
    BOOST_TEST(parse_rate_headers(h, server_now).unlimited == r.unlimited, r.limit);
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
      {"2024-01-15T11:00:00Z", {}, {}},
      {"0x10", {}, {}},
      {"60s", {}, {}},
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
                      {"Sunday, 06-Nov-94 08:49:37 GMT", {}},
                      {"Sun Nov  6 08:49:37 1994", {}},
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
