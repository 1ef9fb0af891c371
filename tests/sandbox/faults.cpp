#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/sandbox/faults.hpp>

#include <algorithm>
#include <string>

using namespace mcbatch::sandbox;

namespace {

/// Which of the first ten requests are hit, one digit each: "0010000000". The second and every other one is a create.
std::string hits(std::string_view spec, bool creates_only = true) {
  auto plan = fault_plan::parse(spec, 1).value();
  std::string out;
  for (int i = 0; i < 10; ++i)
    out += plan.next(creates_only || i % 2 == 1) ? '1' : '0';
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(rules_hit_whom_they_name) {
  const struct {
    std::string_view spec;
    std::string_view among_creates;
    std::string_view among_both;
  } rows[] = {
      {"", "0000000000", "0000000000"},
      {"503@1", "1000000000", "0100000000"},
      {"503@3-5", "0011100000", "0000010101"},
      {"503@4-", "0001111111", "0000000101"},
      {"all/503@2-3", "0110000000", "0110000000"},
      {"503@1,lost@2,all/drop@10", "1100000001", "0101000001"},
      {"503:1", "1111111111", "0101010101"},
      {"503:0", "0000000000", "0000000000"},
      {"all/503:1", "1111111111", "1111111111"},
      {"retry-after", "0000000000", "0000000000"},
  };
  for (const auto& [spec, among_creates, among_both] : rows) {
    BOOST_TEST_CONTEXT(spec) {
      BOOST_TEST(hits(spec) == among_creates);
      BOOST_TEST(hits(spec, false) == among_both);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_first_rule_that_hits_counts) {
  auto plan = fault_plan::parse("402@2,503@1-2,500+@3", 1).value();
  BOOST_TEST(plan.next(true)->status == 503);
  BOOST_TEST(plan.next(true)->status == 402);
  BOOST_TEST((plan.next(true)->kind == fault_kind::status_500));
  BOOST_TEST(!plan.next(true));
}

BOOST_AUTO_TEST_CASE(chance_is_seeded_and_about_right) {
  const auto draw = [](std::string_view spec, std::uint64_t seed) {
    auto plan = fault_plan::parse(spec, seed).value();
    std::string out;
    for (int i = 0; i < 10'000; ++i)
      out += plan.next(true) ? '1' : '0';
    return out;
  };
  const std::string once = draw("lost:0.1", 42);
  BOOST_TEST((once == draw("lost:0.1", 42)));
  BOOST_TEST((once != draw("lost:0.1", 43)));
  const auto count = std::count(once.begin(), once.end(), '1');
  BOOST_TEST(count > 850);
  BOOST_TEST(count < 1150);
}

BOOST_AUTO_TEST_CASE(retry_after_stands_alone) {
  BOOST_TEST(!fault_plan::parse("503@1", 1).value().retry_after());
  BOOST_TEST(fault_plan::parse("503@1,retry-after", 1).value().retry_after());
}

BOOST_AUTO_TEST_CASE(a_bad_rule_is_named) {
  for (const std::string_view rule :
       {"503",    "503@", "503@0",  "503@5-4",  "503@1-2-3", "503@x",         "503@-3",
        "503@ 1", "503:", "503:2",  "503:-0.1", "503:nan",   "299@1",         "600@1",
        "lots@1", "@1",   "503+@1", "all/@1",   "all/503",   "retry-after@1", "503@99999999999999999999"}) {
    BOOST_TEST_CONTEXT(rule) {
      const auto plan = fault_plan::parse("drop@7," + std::string(rule), 1);
      BOOST_REQUIRE(plan.has_error());
      BOOST_TEST((plan.error().code == mcbatch::errc::bad_setting));
      BOOST_TEST(plan.error().what.find('"' + std::string(rule) + '"') != std::string::npos);
    }
  }
  for (const std::string_view spec : {",", "503@1,", ",503@1", "503@1,,503@2"})
    BOOST_TEST(fault_plan::parse(spec, 1).has_error());
}

BOOST_AUTO_TEST_SUITE_END()
