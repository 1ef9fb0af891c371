#include <mcbatch/api/account_info.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch::api;

BOOST_AUTO_TEST_SUITE(api_account_info)

BOOST_AUTO_TEST_CASE(the_usual_names_are_found_in_the_usual_places) {
  const auto flat =
      parse_account(R"({"id":7,"name":"Ann","email":"a@b","tier":"pro","credit_balance_micros":1500000})");
  BOOST_TEST(flat.id.value() == "7");
  BOOST_TEST(flat.name.value() == "Ann");
  BOOST_TEST(flat.email.value() == "a@b");
  BOOST_TEST(flat.tier.value() == "pro");
  BOOST_TEST(flat.credit_micros.value() == 1500000);

  const auto nested = parse_account(R"({"account":{"plan":"free","balance_cents":-25},"user":{"email":"c@d"}})");
  BOOST_TEST(nested.tier.value() == "free");
  BOOST_TEST(nested.credit_micros.value() == -250000);
  BOOST_TEST(nested.email.value() == "c@d");
}

BOOST_AUTO_TEST_CASE(unknown_shapes_tell_nothing_and_do_no_harm) {
  for (const auto* body : {"", "[]", "<html>", "{", R"({"tier":{"name":"pro"},"credit_micros":"much","email":""})",
                           R"({"balance_cents":9223372036854775807})"}) {
    const auto nothing = parse_account(body);
    BOOST_TEST(!nothing.tier.has_value());
    BOOST_TEST(!nothing.email.has_value());
    BOOST_TEST(!nothing.credit_micros.has_value());
  }
  BOOST_TEST(parse_account(R"({"name":"a\u001b[2J\nb"})").name.value() == "a [2J b");
}

BOOST_AUTO_TEST_CASE(the_account_comes_before_the_user) {
  const auto both = merge(parse_account(R"({"tier":"pro"})"), parse_account(R"({"tier":"free","email":"a@b"})"));
  BOOST_TEST(both.tier.value() == "pro");
  BOOST_TEST(both.email.value() == "a@b");
}

BOOST_AUTO_TEST_SUITE_END()
