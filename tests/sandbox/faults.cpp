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

BOOST_AUTO_TEST_CASE(connections_are_counted_apart_from_requests) {
  auto plan = fault_plan::parse("reset-in@2,503@2,refused@3-4,expired-cert@4-5", 1).value();
  plan.next(true);
  BOOST_TEST(plan.next(true)->status == 503);
  BOOST_TEST(!plan.next_connection());
  BOOST_TEST((plan.next_connection() == connection_fault::reset_in));
  BOOST_TEST((plan.next_connection() == connection_fault::refused));
  BOOST_TEST((plan.next_connection() == connection_fault::refused)); // the first rule that hits counts
  BOOST_TEST((plan.next_connection() == connection_fault::expired));
  BOOST_TEST(!plan.next_connection());
  BOOST_TEST(!plan.next(true));
}

BOOST_AUTO_TEST_CASE(no_rule_moves_another_rules_faults) {
  const auto draw = [](std::string_view spec) {
    auto plan = fault_plan::parse(spec, 42).value();
    std::string out;
    for (int i = 0; i < 1000; ++i) {
      plan.next_connection();
      const auto hit = plan.next(true);
      out += hit && hit->kind == fault_kind::drop ? '1' : '0';
    }
    return out;
  };
  BOOST_TEST((draw("drop:0.1") == draw("drop:0.1,refused:0.5,html:0.5")));
}

// Who reads --help is told of every fault, and in the right group.
BOOST_AUTO_TEST_CASE(the_help_lists_every_fault) {
  const auto help = fault_help();
  const auto before = help.find("In place of processing");
  const auto after = help.find("After a request was processed");
  BOOST_REQUIRE(before < after);
  BOOST_REQUIRE(after != std::string::npos);
  for (const std::string name : {"refused",
                                 "blackhole",
                                 "reset-before",
                                 "reset-in",
                                 "expired-cert",
                                 "self-signed-cert",
                                 "wrong-host-cert",
                                 "429",
                                 "drop",
                                 "html",
                                 "redirect",
                                 "500+",
                                 "noid",
                                 "gzip",
                                 "lost",
                                 "reset-after",
                                 "truncated",
                                 "hang",
                                 "slow",
                                 "long-length",
                                 "short-length",
                                 "bad-chunks",
                                 "both-framings",
                                 "endless-headers",
                                 "1xx-flood",
                                 "surplus",
                                 "early-close",
                                 "no-close-notify",
                                 "close-delimited"}) {
    BOOST_TEST_CONTEXT(name) {
      const auto at = help.find("\n    " + name + " ");
      BOOST_REQUIRE(at != std::string::npos);
      auto plan = fault_plan::parse(name + "@1", 1).value();
      const auto of_request = plan.next(true);
      BOOST_TEST(of_request.has_value() != plan.next_connection().has_value());
      BOOST_TEST((at < before) == !of_request);
      if (of_request) BOOST_TEST((at > after) == strikes_after_processing(of_request->kind));
    }
  }
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
       {"503",           "503@",   "503@0",  "503@5-4",  "503@1-2-3", "503@x",         "503@-3",
        "503@ 1",        "503:",   "503:2",  "503:-0.1", "503:nan",   "299@1",         "600@1",
        "lots@1",        "@1",     "503+@1", "all/@1",   "all/503",   "retry-after@1", "503@99999999999999999999",
        "all/refused@1", "reset@1"}) {
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
