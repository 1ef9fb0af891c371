#define BOOST_TEST_DYN_LINK
#include <mcbatch/sandbox/conversion_plan.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::sandbox;
using namespace std::chrono_literals;

namespace {

const wall_time noon{std::chrono::seconds(1705320000)};

conversion_plan plan_of(std::string_view spec) {
  return conversion_plan::parse(spec, 1).value();
}

duration median(const conversion_plan& plan, std::string_view type) {
  std::vector<duration> all;
  for (int n = 0; n < 1001; ++n)
    all.push_back(plan.course_of("job_" + std::to_string(n), type, 100)->ends);
  std::ranges::sort(all);
  BOOST_TEST((all.front() != all.back()));
  return all[500];
}

} // namespace

BOOST_AUTO_TEST_SUITE(conversion_plans)

BOOST_AUTO_TEST_CASE(without_a_time_conversions_stay_pending) {
  BOOST_TEST(!plan_of("").course_of("job_1", "video", 100).has_value());
}

BOOST_AUTO_TEST_CASE(each_type_takes_its_time) {
  const auto plan = plan_of("time=100s");
  BOOST_TEST((median(plan, "video") > 90s && median(plan, "video") < 110s));
  BOOST_TEST((median(plan, "audio") > 9s && median(plan, "audio") < 11s));
  BOOST_TEST((median(plan, "image") > 900ms && median(plan, "image") < 1100ms));
}

BOOST_AUTO_TEST_CASE(a_conversion_goes_from_pending_to_its_end_and_says_the_same_each_time) {
  const auto plan = plan_of("time=100s");
  const auto course = plan.course_of("job_1", "video", 1000).value();
  BOOST_TEST((course.ends == plan.course_of("job_1", "video", 1000)->ends));
  BOOST_TEST((state_at(course, noon, 0s).state == conversion_state::pending));
  int last = 0;
  for (auto age = course.begins; age < course.ends; age += 1s) {
    const auto now = state_at(course, noon, age);
    BOOST_TEST((now.state == conversion_state::processing));
    BOOST_TEST(now.progress_percent.value() >= last);
    BOOST_TEST(!now.cost_micros.has_value());
    last = *now.progress_percent;
  }
  const auto end = state_at(course, noon, course.ends);
  BOOST_TEST((end.state == conversion_state::completed));
  BOOST_TEST(end.progress_percent.value() == 100);
  BOOST_TEST((end.cost_micros.value() >= 800 && *end.cost_micros <= 1200));
  BOOST_TEST((end.ended_at.value() == noon + std::chrono::floor<std::chrono::microseconds>(course.ends)));
  BOOST_TEST((state_at(course, noon, 24h).ended_at == end.ended_at));
}

BOOST_AUTO_TEST_CASE(some_fail_and_some_are_cancelled) {
  const auto plan = plan_of("failed=0.2,time=1s,cancelled=0.1");
  std::map<conversion_state, int> ends;
  std::map<std::string, int> errors;
  for (int n = 0; n < 2000; ++n) {
    const auto end = plan.course_of("job_" + std::to_string(n), "video", 100)->at_the_end;
    ++ends[end.state];
    if (end.state == conversion_state::failed) ++errors[end.error];
    if (end.state != conversion_state::completed) BOOST_TEST(end.cost_micros.value() == 0);
  }
  BOOST_TEST((ends[conversion_state::failed] > 340 && ends[conversion_state::failed] < 460));
  BOOST_TEST((ends[conversion_state::cancelled] > 140 && ends[conversion_state::cancelled] < 260));
  BOOST_TEST(errors.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_bad_part_is_named) {
  for (const std::string spec :
       {"speed=1", "time", "time=", "time=1", "failed=2", "failed=x", "cancelled=-1", "time=1s,,"}) {
    const auto plan = conversion_plan::parse(spec, 1);
    BOOST_TEST_REQUIRE(plan.has_error(), spec);
    BOOST_TEST((plan.error().code == errc::bad_setting));
  }
  BOOST_TEST(conversion_plan::parse("time=1s,failed=2", 1).error().what.starts_with("The part \"failed=2\""));
}

BOOST_AUTO_TEST_SUITE_END()
