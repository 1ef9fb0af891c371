#include "sample.hpp"

#include <mcbatch/api/account_info.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch::api;
using mcbatch::api::test::sample_token;

namespace {

account_info parsed(std::string_view body) {
  return parse_account(body, sample_token());
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_account_info)

BOOST_AUTO_TEST_CASE(the_usual_names_are_found_in_the_usual_places) {
  const auto flat = parsed(R"({"id":7,"name":"Ann","email":"a@b","tier":"pro","credit_balance_micros":1500000})");
  BOOST_TEST(flat.id.value() == "7");
  BOOST_TEST(flat.name.value() == "Ann");
  BOOST_TEST(flat.email.value() == "a@b");
  BOOST_TEST(flat.tier.value() == "pro");
  BOOST_TEST(flat.credit_micros.value() == 1500000);

  const auto nested = parsed(R"({"account":{"plan":"free","balance_cents":-25},"user":{"email":"c@d"}})");
  BOOST_TEST(nested.tier.value() == "free");
  BOOST_TEST(nested.credit_micros.value() == -250000);
  BOOST_TEST(nested.email.value() == "c@d");
}

BOOST_AUTO_TEST_CASE(unknown_shapes_tell_nothing_and_do_no_harm) {
  for (const auto* body : {"", "[]", "<html>", "{", R"({"tier":{"name":"pro"},"credit_micros":"much","email":""})",
                           R"({"balance_cents":9223372036854775807})"}) {
    const auto nothing = parsed(body);
    BOOST_TEST(!nothing.tier.has_value());
    BOOST_TEST(!nothing.email.has_value());
    BOOST_TEST(!nothing.credit_micros.has_value());
  }
  BOOST_TEST(parsed(R"({"name":"a\u001b[2J\nb"})").name.value() == "a [2J b");
}

BOOST_AUTO_TEST_CASE(a_token_that_is_told_back_is_hidden) {
  const auto told = parsed(R"({"id":"mc_test_5ecret","name":"key mc_test_5ecret","email":"mc_test_5ecret@b"})");
  BOOST_TEST(told.id.value() == "***");
  BOOST_TEST(told.name.value() == "key ***");
  BOOST_TEST(told.email.value() == "***@b");
}

BOOST_AUTO_TEST_CASE(the_account_comes_before_the_user) {
  const auto both = merge(parsed(R"({"tier":"pro"})"), parsed(R"({"tier":"free","email":"a@b"})"));
  BOOST_TEST(both.tier.value() == "pro");
  BOOST_TEST(both.email.value() == "a@b");
}

BOOST_AUTO_TEST_SUITE_END()
