#ifndef MCBATCH_TESTS_API_SAMPLE_HPP
#define MCBATCH_TESTS_API_SAMPLE_HPP

#include <mcbatch/api/base_url.hpp>
#include <mcbatch/api/token.hpp>
#include <mcbatch/core/job.hpp>

namespace mcbatch::api::test {

inline token sample_token() {
  return token::from("mc_test_5ecret", "a test").value();
}

inline base_url sample_base() {
  return base_url::parse("https://mediaconvert.io/api/v1").value();
}

inline job sample_job() {
  job made;
  made.key = *job_key_from_hex("000102030405060708090a0b0c0d0e0f");
  made.body = R"({"job_type":"video"})";
  return made;
}

} // namespace mcbatch::api::test

#endif
