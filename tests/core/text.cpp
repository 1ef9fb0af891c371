#define BOOST_TEST_DYN_LINK
#include <mcbatch/core/text.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

using namespace mcbatch;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(durations_are_read_as_people_write_them) {
  struct row {
    const char* said;
    duration read;
  };
  for (const auto& [said, read] :
       {row{"500ms", 500ms}, row{"90s", 90s}, row{"5m", 5min}, row{"1h30m", 90min}, row{"0s", 0s}, row{"65m", 65min},
        row{"1d2h3m4s5ms", 26h + 3min + 4s + 5ms}, row{"007s", 7s}, row{"3650d", 24h * 3650}}) {
    const auto got = parse_duration(said);
    BOOST_REQUIRE_MESSAGE(got, said);
    BOOST_TEST((*got == read), said);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused_with_a_sentence_that_quotes_it) {
  for (const std::string said : {"",
                                 "5",
                                 "s",
                                 "-5s",
                                 "+5s",
                                 "5 s",
                                 " 5s",
                                 "5s ",
                                 "1.5s",
                                 "5m1h",
                                 "5m5m",
                                 "1h30",
                                 "5min",
                                 "5S",
                                 "NaNs",
                                 "infs",
                                 "5ms5s",
                                 "3651d",
                                 "3650d1ms",
                                 "99999999999999999999s",
                                 "9223372036854775807d",
                                 "1e3s",
                                 "0x5s"}) {
    const auto got = parse_duration(said);
    BOOST_REQUIRE_MESSAGE(!got, said);
    BOOST_TEST((got.error().code == errc::usage));
    BOOST_TEST(got.error().what.find("'" + said + "'") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(durations_are_written_so_that_they_read_back) {
  struct row {
    duration d;
    const char* written;
  };
  for (const auto& [d, written] :
       {row{0s, "0s"}, row{500ms, "500ms"}, row{60s, "60s"}, row{90s, "90s"}, row{91s, "1m31s"},
        row{90500ms, "1m30s500ms"}, row{1h, "1h"}, row{90min, "1h30m"}, row{24h, "1d"}, row{24h * 3650, "3650d"},
        row{61min + 1ms, "1h1m1ms"}, row{999us, "0s"}}) {
    BOOST_TEST(format_duration(d) == written);
    const auto back = parse_duration(written);
    BOOST_REQUIRE(back);
    BOOST_TEST((*back == std::chrono::floor<std::chrono::milliseconds>(d)));
  }
}

BOOST_AUTO_TEST_CASE(integers_are_whole_and_fit) {
  BOOST_TEST((parse_integer<std::uint64_t>("18446744073709551615") == UINT64_MAX));
  BOOST_TEST((parse_integer<std::int64_t>("-9223372036854775808") == INT64_MIN));
  for (const char* said : {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "18446744073709551616", "NaN"})
    BOOST_TEST(!parse_integer<std::uint64_t>(said), said);
  BOOST_TEST(!parse_integer<std::int64_t>("9223372036854775808"));
}

BOOST_AUTO_TEST_CASE(trim_takes_spaces_and_tabs_off_the_ends) {
  BOOST_TEST(trim(" \t a b\t ") == "a b");
  BOOST_TEST(trim(" \t") == "");
  BOOST_TEST(trim("") == "");
}

BOOST_AUTO_TEST_CASE(times_are_rfc_3339) {
  BOOST_TEST(format_time(wall_time(1705314600s)) == "2024-01-15T10:30:00.000Z");
  BOOST_TEST(format_time(wall_time(1705314600s + 7891us)) == "2024-01-15T10:30:00.007Z");
  BOOST_TEST(format_time(wall_time(-1ms)) == "1969-12-31T23:59:59.999Z");
}

BOOST_AUTO_TEST_CASE(euros_are_exact) {
  const std::pair<std::string_view, std::int64_t> sums[] = {{"0", 0},
                                                            {"12", 12'000'000},
                                                            {"0.5", 500'000},
                                                            {"0.1", 100'000},
                                                            {"12.345678", 12'345'678},
                                                            {"4.35", 4'350'000},
                                                            {"0.000001", 1},
                                                            {"1000000000", 1'000'000'000'000'000}};
  for (const auto& [text, micros] : sums)
    BOOST_TEST(parse_euros(text).value_or(-1) == micros, text);
  for (const std::string_view bad : {"", ".", "1.", ".5", "-1", "+1", "1,5", "1e3", "nan", "inf", " 1", "0.0000001",
                                     "1000000000.000001", "1000000001", "99999999999999999999", "1.-5", "0x10"})
    BOOST_TEST(!parse_euros(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()
