#include "sample.hpp"

#include <mcbatch/api/idempotency_key.hpp>
#include <mcbatch/api/requests.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::api;
using namespace mcbatch::api::test;

BOOST_AUTO_TEST_SUITE(api_requests)

BOOST_AUTO_TEST_CASE(a_create_carries_the_job_untouched) {
  const auto made = create_request(sample_base(), sample_token(), sample_job(), "k1");
  BOOST_TEST((made.method == verb::post));
  BOOST_TEST(made.target == "/api/v1/conversion_jobs");
  BOOST_TEST(made.body == R"({"job_type":"video"})");
  BOOST_TEST(made.fields.find("Authorization").value() == "Bearer mc_test_5ecret");
  BOOST_TEST(made.fields.find("Content-Type").value() == "application/json");
  BOOST_TEST(made.fields.find("Idempotency-Key").value() == "k1");
}

BOOST_AUTO_TEST_CASE(reads_go_to_their_own_paths_without_a_body) {
  const auto at_root = base_url::parse("https://a").value();
  const auto me = me_request(sample_base(), sample_token());
  BOOST_TEST((me.method == verb::get));
  BOOST_TEST(me.target == "/api/v1/me");
  BOOST_TEST(me.body.empty());
  BOOST_TEST(me.fields.find("Authorization").value() == "Bearer mc_test_5ecret");
  BOOST_TEST(!me.fields.find("Idempotency-Key").has_value());
  BOOST_TEST(jobs_request(sample_base(), sample_token(), 1).target == "/api/v1/conversion_jobs");
  BOOST_TEST(jobs_request(sample_base(), sample_token(), 2).target == "/api/v1/conversion_jobs?page=2");
  BOOST_TEST(account_request(at_root, sample_token()).target == "/account");
}

BOOST_AUTO_TEST_CASE(an_idempotency_key_is_for_one_generation_of_one_job_of_one_ledger) {
  auto job = sample_job();
  // The service may remember keys from runs of older versions: the value never changes.
  // printf 'ledger\n000102030405060708090a0b0c0d0e0f\n0' | sha256sum | cut -c1-32
  const auto first = idempotency_key("ledger", job);
  BOOST_TEST(first == "c4efd675a5f4a6a62e95c34418a5c719");
  job.attempts = 3;
  job.body = "other";
  job.id = 9;
  BOOST_TEST(idempotency_key("ledger", job) == first);
  BOOST_TEST(idempotency_key("ledger2", job) != first);
  job.generation = 1;
  BOOST_TEST(idempotency_key("ledger", job) != first);
  job = sample_job();
  job.key.bytes[0] = 1;
  BOOST_TEST(idempotency_key("ledger", job) != first);
}

BOOST_AUTO_TEST_SUITE_END()
