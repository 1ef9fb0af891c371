#define BOOST_TEST_DYN_LINK
#include <mcbatch/report/costs.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace mcbatch;
using namespace mcbatch::report;

namespace {

const std::vector<ledger::cost_line> lines{{"video", conversion_state::pending, 2, 300'000, 0, 0},
                                           {"video", conversion_state::completed, 1'000, 157'500'000, 150'000'000, 990},
                                           {"", conversion_state::failed, 3, 30, 0, 3}};

} // namespace

BOOST_AUTO_TEST_SUITE(costs)

BOOST_AUTO_TEST_CASE(sums_are_exact) {
  const auto all = costs_json(lines);
  BOOST_TEST(all["estimated_micros"] == 157'800'030);
  BOOST_TEST(all["final_micros"] == 150'000'000);
  BOOST_TEST(all["final_jobs"] == 993);
  BOOST_TEST(all["by"].size() == 3u);
  BOOST_TEST(all["by"][1]["job_type"] == "video");
  BOOST_TEST(all["by"][1]["state"] == "completed");
  BOOST_TEST(all["by"][2]["job_type"].is_null());
  BOOST_TEST(conversions_json(conversions_of(lines)).dump() ==
             R"({"pending":2,"processing":0,"completed":1000,"failed":3,"cancelled":0})");
}

BOOST_AUTO_TEST_CASE(people_see_a_row_for_each_type_and_state) {
  BOOST_TEST(costs_text(lines) == "type        conversion          jobs       estimated         charged\n"
                                  "video       pending                2        EUR 0.30               -\n"
                                  "video       completed          1,000      EUR 157.50      EUR 150.00 of 990\n"
                                  "?           failed                 3        EUR 0.00        EUR 0.00\n");
  BOOST_TEST(costs_text({}) == "");
  const std::vector<ledger::cost_line> hostile{{"\x1b[2J", conversion_state::pending, 1, 1, 0, 0}};
  BOOST_TEST(costs_text(hostile).find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
