#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <ledger/row_set.hpp>

namespace mcbatch::ledger {

BOOST_AUTO_TEST_SUITE(row_sets)

BOOST_AUTO_TEST_CASE(rows_come_out_in_order_whatever_order_they_went_in) {
  row_set set;
  for (const std::int64_t row : {200, 63, 64, 1, 127, 128})
    BOOST_TEST(set.insert(row));
  BOOST_TEST(!set.insert(64));
  for (const std::int64_t row : {1, 63, 64, 127, 128, 200})
    BOOST_TEST(set.take_lowest().value() == row);
  BOOST_TEST(!set.take_lowest().has_value());
}

BOOST_AUTO_TEST_CASE(a_row_below_those_taken_is_still_found) {
  row_set set;
  set.insert(500);
  BOOST_TEST(set.take_lowest().value() == 500);
  set.insert(3);
  BOOST_TEST(set.contains(3));
  BOOST_TEST(!set.contains(500));
  BOOST_TEST(!set.contains(100000));
  BOOST_TEST(set.take_lowest().value() == 3);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger
