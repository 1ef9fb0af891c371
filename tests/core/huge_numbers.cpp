#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/core/huge_numbers.hpp>

#include <utility>
#include <vector>

namespace mcbatch {
namespace {

BOOST_AUTO_TEST_CASE(a_number_that_nothing_holds_is_null_and_all_else_is_as_it_was) {
  const std::vector<std::pair<std::string, std::string>> all{
      {R"({"a":123456789012345678901,"b":1})", R"({"a":null                 ,"b":1})"},
      {R"([-1e400,1e-7,18446744073709551615])", R"([null  ,1e-7,18446744073709551615])"},
      {R"(["1e400","\"1e400",1.5e308])", R"(["1e400","\"1e400",1.5e308])"},
      {R"({"a":1e400})", R"({"a":null })"},
      {"-9223372036854775809", "null                "},
      {"true, false and what is no JSON: \"1e400", "true, false and what is no JSON: \"1e400"},
      {"", ""},
  };
  for (const auto& [given, expected] : all)
    BOOST_TEST(without_huge_numbers(given) == expected);
}

} // namespace
} // namespace mcbatch
