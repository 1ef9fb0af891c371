#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/text.hpp>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(numbers_for_people) {
  BOOST_TEST(with_commas(0) == "0");
  BOOST_TEST(with_commas(999) == "999");
  BOOST_TEST(with_commas(1000) == "1,000");
  BOOST_TEST(with_commas(1234567) == "1,234,567");
  BOOST_TEST(count_of(1, "job", "jobs") == "1 job");
  BOOST_TEST(count_of(2000, "job", "jobs") == "2,000 jobs");
  BOOST_TEST(euros(0) == "EUR 0.00");
  BOOST_TEST(euros(157'500) == "EUR 0.16");
  BOOST_TEST(euros(1'234'567'890'000) == "EUR 1,234,567.89");
}

BOOST_AUTO_TEST_CASE(names_that_a_shell_takes_for_one_word) {
  BOOST_TEST(shell_word("a/b-1.ledger") == "a/b-1.ledger");
  BOOST_TEST(shell_word("my file (1)") == "'my file (1)'");
  BOOST_TEST(shell_word("it's") == "'it'\\''s'");
  BOOST_TEST(shell_word("a\nb'\x1b\\1\xc2\x9b\xff") == "$'a\\012b\\'\\033\\\\1\\302\\233\\377'");
}

BOOST_AUTO_TEST_CASE(times_for_people) {
  BOOST_TEST(for_people(350ms) == "350 ms");
  BOOST_TEST(for_people(1500ms) == "1.5 s");
  BOOST_TEST(for_people(41s) == "41 s");
  BOOST_TEST(for_people(10min) == "10 min");
  BOOST_TEST(for_people(2h + 5min) == "2 h 5 min");
  BOOST_TEST(for_people(76h) == "3 d 4 h");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
