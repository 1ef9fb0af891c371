#include "sample.hpp"

#include <mcbatch/api/job_list.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::api;
using namespace mcbatch::api::test;

BOOST_AUTO_TEST_SUITE(job_list)

BOOST_AUTO_TEST_CASE(a_job_is_read_with_what_it_shows) {
  const auto jobs = parse_job_list(R"([{"id":"job_1","status":"processing","output_url":"https://o/1.mp4?sig=a",)"
                                   R"("created_at":"2024-01-15T10:30:00Z","estimated_cost_micros":157500},)"
                                   R"({"id":17,"output_url":null,"created_at":null}])",
                                   sample_token())
                        .value();
  BOOST_TEST_REQUIRE(jobs.size() == 2);
  BOOST_TEST(jobs[0].id == "job_1");
  BOOST_TEST(jobs[0].status == "processing");
  BOOST_TEST(jobs[0].output_url.value() == "https://o/1.mp4?sig=a");
  BOOST_TEST(jobs[0].created_at == "2024-01-15T10:30:00Z");
  BOOST_TEST(jobs[0].estimated_cost_micros.value() == 157500);
  BOOST_TEST(jobs[1].id == "17"); // as the id of a create's answer
  BOOST_TEST(jobs[1].status.empty());
  BOOST_TEST(!jobs[1].output_url.has_value());
  BOOST_TEST(jobs[1].created_at.empty());
}

BOOST_AUTO_TEST_CASE(the_list_may_stand_in_an_object) {
  for (const auto* body :
       {R"([{"id":"a"}])", R"({"conversion_jobs":[{"id":"a"}]})", R"({"jobs":[{"id":"a"}],"page":1})",
        R"({"total":1,"data":[{"id":"a"}]})", R"({"items":[{"id":"a"}]})", R"({"results":[{"id":"a"}],"next":null})"}) {
    const auto jobs = parse_job_list(body, sample_token());
    BOOST_TEST_REQUIRE(jobs.has_value(), body);
    BOOST_TEST(jobs->at(0).id == "a");
  }
  BOOST_TEST(parse_job_list("[]", sample_token()).value().empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_list_of_jobs_is_refused_as_a_whole) {
  for (const auto* body : {"", "<html>", "{}", "7", "null", R"({"jobs":{"id":"a"}})", R"([{"id":"a"},{"status":"x"}])",
                           R"([{"id":""}])", R"(["job_1"])", R"([{"id":"a"})", R"([{"id":["a"]}])"}) {
    const auto jobs = parse_job_list(body, sample_token());
    BOOST_TEST_REQUIRE(jobs.has_error(), body);
    BOOST_TEST((jobs.error().code == errc::broken_exchange));
  }
}

BOOST_AUTO_TEST_CASE(an_id_is_fit_to_be_shown) {
  const auto jobs = parse_job_list("[{\"id\":\"a\\u001b[2Jb mc_test_5ecret\"}]", sample_token()).value();
  BOOST_TEST(jobs.at(0).id == "a [2Jb ***");
}

BOOST_AUTO_TEST_SUITE_END()
