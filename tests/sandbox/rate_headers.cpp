#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/sandbox/rate_headers.hpp>

#include <chrono>
#include <set>
#include <string>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using namespace std::chrono_literals;

namespace {

const wall_time half_past_ten{std::chrono::seconds(1705314600)}; // 2024-01-15 UTC

std::string all_of(const headers& fields) {
  std::string out;
  for (const header& f : fields)
    out.append(f.value).append("|");
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(rate_headers)

BOOST_AUTO_TEST_CASE(each_kind_says_the_same_window_in_its_way) {
  const struct {
    std::string_view name;
    duration until_reset;
    std::string_view said;
  } rows[] = {
      {"hour", 30min, "1000|956|1705316400|"}, // the vendor's own example
      {"hour", 30min - 1ns, "1000|956|1705316400|"},
      {"hour", 30min + 1ns, "1000|956|1705316401|"}, // rounded up, never early
      {"minute", 30min, "1000|956|1705316400|"},
      {"shuffled", 30min, "1000|956|1705316400|"},
      {"millis", 30min, "1000|956|1705316400000|"},
      {"relative", 30min, "1000|956|1800|"},
      {"relative", 1ns, "1000|956|1|"},
      {"past", 30min, "1000|956|1705311000|"},
      {"none", 30min, ""},
  };
  for (const auto& [name, until_reset, said] : rows) {
    BOOST_TEST_CONTEXT(name) {
      headers fields;
      add_rate_headers(fields, *header_kind_from_string(name), {1000, 956, until_reset}, half_past_ten, 0);
      BOOST_TEST(all_of(fields) == said);
    }
  }
}

BOOST_AUTO_TEST_CASE(they_bear_the_documented_names) {
  headers fields;
  add_rate_headers(fields, header_kind::hour, {1000, 956, 30min}, half_past_ten, 0);
  BOOST_TEST(fields.find("X-RateLimit-Limit").value() == "1000");
  BOOST_TEST(fields.find("X-RateLimit-Remaining").value() == "956");
  BOOST_TEST(fields.find("X-RateLimit-Reset").value() == "1705316400");
}

BOOST_AUTO_TEST_CASE(garbage_is_another_row_each_time_and_never_the_truth) {
  std::set<std::string> seen;
  for (std::uint64_t nth = 0; nth < 7; ++nth) {
    headers fields;
    add_rate_headers(fields, header_kind::garbage, {1000, 956, 30min}, half_past_ten, nth);
    BOOST_TEST(fields.find("X-RateLimit-Remaining").value() != "956");
    seen.insert(all_of(fields));
  }
  BOOST_TEST(seen.size() == 7U);
  BOOST_TEST(seen.contains("NaN|NaN|NaN|"));
  BOOST_TEST(seen.contains("-1|-5|-1705316400|"));
}

BOOST_AUTO_TEST_CASE(shuffled_describes_hour_and_minute_by_turns) {
  BOOST_TEST(!describes_shortest(header_kind::shuffled, 0));
  BOOST_TEST(describes_shortest(header_kind::shuffled, 1));
  BOOST_TEST(!describes_shortest(header_kind::shuffled, 2));
  BOOST_TEST(describes_shortest(header_kind::minute, 0));
  BOOST_TEST(!describes_shortest(header_kind::hour, 1));
}

BOOST_AUTO_TEST_CASE(dates_are_http_dates) {
  BOOST_TEST(http_date(half_past_ten) == "Mon, 15 Jan 2024 10:30:00 GMT");
  BOOST_TEST(http_date(wall_time(951782399999999us)) == "Mon, 28 Feb 2000 23:59:59 GMT");
  BOOST_TEST(http_date(wall_time(951782400s)) == "Tue, 29 Feb 2000 00:00:00 GMT");
}

BOOST_AUTO_TEST_CASE(an_unknown_kind_is_none) {
  BOOST_TEST(!header_kind_from_string("hours"));
}

BOOST_AUTO_TEST_SUITE_END()
