#include "sample.hpp"

#include <mcbatch/api/conversion.hpp>
#include <mcbatch/api/webhook_url.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::api;
using namespace mcbatch::api::test;

BOOST_AUTO_TEST_SUITE(conversion_suite)

BOOST_AUTO_TEST_CASE(the_documented_events_are_read_whole) {
  const auto done = parse_event(R"({"job_id":"job_abc123xyz","status":"completed","job_type":"video",)"
                                R"("progress_percentage":100,"cost_micros":1575000,"processing_time_seconds":45,)"
                                R"("output_size_bytes":8192000,"created_at":"2024-01-15T10:30:00Z",)"
                                R"("completed_at":"2024-01-15T10:30:45.25Z"})")
                        .value();
  BOOST_TEST(done.job_id == "job_abc123xyz");
  BOOST_TEST((done.what.state == conversion_state::completed));
  BOOST_TEST(done.what.progress_percent.value() == 100);
  BOOST_TEST(done.what.cost_micros.value() == 1'575'000);
  BOOST_TEST(done.what.processing_time->count() == 45);
  BOOST_TEST(done.what.output_bytes.value() == 8'192'000);
  BOOST_TEST((done.what.ended_at == wall_time(std::chrono::microseconds(1'705'314'645'250'000))));

  const auto failed =
      parse_event(R"({"job_id":"job_def456xyz","status":"failed","progress_percentage":25,)"
                  R"("error_code":"INVALID_INPUT","error_message":"Input file corrupted or unreadable",)"
                  R"("failed_at":"2024-01-15T10:31:00+01:00"})")
          .value();
  BOOST_TEST((failed.what.state == conversion_state::failed));
  BOOST_TEST(failed.what.error == "INVALID_INPUT");
  BOOST_TEST(failed.what.message == "Input file corrupted or unreadable");
  BOOST_TEST((failed.what.ended_at == wall_time(std::chrono::seconds(1'705'311'060))));

  const auto under_way =
      parse_event(
          R"({"job_id":"job_ghi789xyz","status":"processing","progress_percentage":67,"estimated_completion":"x"})")
          .value();
  BOOST_TEST((under_way.what.state == conversion_state::processing));
  BOOST_TEST(under_way.what.progress_percent.value() == 67);
}

BOOST_AUTO_TEST_CASE(an_answer_about_a_job_costs_nothing_before_it_has_ended) {
  const auto answer = [](std::string_view body) {
    return parse_conversion(body, "job_1", sample_token()).value().what;
  };
  const auto open =
      answer(R"({"id":"job_1","status":"pending","cost_micros":7,"error":"x","updated_at":"2024-01-15T10:30:00Z"})");
  BOOST_TEST(!open.cost_micros.has_value());
  BOOST_TEST(!open.ended_at.has_value());
  BOOST_TEST(open.error.empty());
  const auto ended = answer(R"({"status":"cancelled","cost_micros":7,"updated_at":"2024-01-15T10:30:00Z"})");
  BOOST_TEST(ended.cost_micros.value() == 7);
  BOOST_TEST((ended.ended_at == wall_time(std::chrono::seconds(1'705'314'600))));
}

BOOST_AUTO_TEST_CASE(a_status_that_is_not_documented_is_no_end) {
  const auto read =
      parse_event(R"({"job_id":"a","status":"trans\u001bmuted","progress_percentage":9,"cost_micros":7})");
  BOOST_TEST((read.value().what.state == conversion_state::pending));
  BOOST_TEST(read->what.progress_percent.value() == 9);
  BOOST_TEST(!read->what.cost_micros.has_value());
  BOOST_TEST(read->unknown_status == "trans muted");
  BOOST_TEST(parse_event(R"({"job_id":"a","status":"failed"})").value().unknown_status.empty());
}

BOOST_AUTO_TEST_CASE(an_answer_about_another_job_is_none) {
  const auto answer = [](std::string_view body) { return parse_conversion(body, "job_1", sample_token()); };
  BOOST_TEST(answer(R"({"id":"job_1","status":"completed"})").has_value());
  BOOST_TEST(answer(R"({"status":"completed"})").has_value());
  const auto other = answer(R"({"id":"job_2","status":"completed"})");
  BOOST_TEST_REQUIRE(other.has_error());
  BOOST_TEST(other.error().what == "the service's answer about a job cannot be read: it is about job_2");
  BOOST_TEST(parse_conversion(R"({"id":17,"status":"completed"})", "17", sample_token()).has_value());
}

BOOST_AUTO_TEST_CASE(what_tells_nothing_is_refused_in_a_sentence) {
  for (const auto* body : {"", "[]", "7", "<html>", "{}", R"({"job_id":"a"})", R"({"status":"completed"})",
                           R"({"job_id":{},"status":"completed"})", R"({"job_id":"a","status":[]})",
                           R"({"job_id":"a","status":"completed"} {})"}) {
    const auto event = parse_event(body);
    BOOST_TEST_REQUIRE(event.has_error(), body);
    BOOST_TEST((event.error().code == errc::broken_exchange));
    BOOST_TEST(event.error().what.starts_with("an event cannot be read: "), event.error().what);
  }
}

BOOST_AUTO_TEST_CASE(absurd_values_are_left_out_or_bounded) {
  const auto read = parse_event(R"({"job_id":17,"status":"failed","progress_percentage":1e9,"cost_micros":-5,)"
                                R"("processing_time_seconds":"long","output_size_bytes":1e400,"failed_at":"yesterday",)"
                                R"("error_code":"a\u001b[2Jb","error_message":["x"]})")
                        .value();
  BOOST_TEST(read.job_id == "17");
  BOOST_TEST(read.what.progress_percent.value() == 100);
  BOOST_TEST(!read.what.cost_micros.has_value());
  BOOST_TEST(!read.what.processing_time.has_value());
  BOOST_TEST(!read.what.output_bytes.has_value());
  BOOST_TEST(!read.what.ended_at.has_value());
  BOOST_TEST(read.what.error == "a [2Jb");
  BOOST_TEST(read.what.message.empty());
}

BOOST_AUTO_TEST_CASE(a_cost_that_no_job_can_have_counts_as_not_told) {
  for (const auto* cost : {"1000000000001", "9000000000000000000", "9e18", "1e400"})
    BOOST_TEST(!parse_event(R"({"job_id":"a","status":"completed","cost_micros":)" + std::string(cost) + "}")
                    .value()
                    .what.cost_micros.has_value(),
               cost);
  const auto dearest = parse_event(R"({"job_id":"a","status":"completed","cost_micros":1000000000000})").value();
  BOOST_TEST(dearest.what.cost_micros.value() == 1'000'000'000'000);
}

BOOST_AUTO_TEST_CASE(a_number_that_nothing_holds_does_not_cost_the_rest) {
  for (const auto* number : {"123456789012345678901234567890", "-1e400"}) {
    const auto more = R"("options":{"seed":)" + std::string(number) + "}}";
    BOOST_TEST(parse_event(R"({"job_id":"a","status":"completed",)" + more).value().job_id == "a");
    BOOST_TEST(parse_conversion(R"({"status":"failed",)" + more, "a", sample_token()).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_signature_is_the_hmac_of_the_raw_body) {
  // RFC 4231, section 4.3.
  const std::string_view body = "what do ya want for nothing?";
  const std::string hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  BOOST_TEST(is_signed(body, "sha256=" + hex, "Jefe"));
  BOOST_TEST(is_signed(body, " sha256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843\t", "Jefe"));
  BOOST_TEST(!is_signed(body, "sha256=" + hex, "jefe"));
  BOOST_TEST(!is_signed("what do ya want for nothing!", "sha256=" + hex, "Jefe"));
  for (const std::string& bad : {std::string(), std::string("sha256="), hex, "sha1=" + hex, "sha256=" + hex + "00",
                                 "sha256=" + hex.substr(2), "sha256=" + hex.substr(1) + "g", "sha256 =" + hex})
    BOOST_TEST(!is_signed(body, bad, "Jefe"), bad);
}

BOOST_AUTO_TEST_CASE(nothing_is_signed_by_an_empty_secret) {
  // printf '' | openssl dgst -sha256 -hmac ''
  BOOST_TEST(!is_signed("", "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", ""));
}

BOOST_AUTO_TEST_CASE(a_webhook_url_bears_the_job_s_key_and_gives_it_back) {
  job_key key;
  key.bytes[0] = 0xab;
  const std::string hex = "ab000000000000000000000000000000";
  // printf ab000000000000000000000000000000 | openssl dgst -sha256 -hmac Jefe
  const auto text = hex + ".587e8ccc9313fbe77d29b0f806ce3f4f";
  BOOST_TEST(webhook_url_of("https://example.com/hook", key, "Jefe") == "https://example.com/hook?mcbatch_key=" + text);
  BOOST_TEST(webhook_url_of("https://example.com/hook?a=b#top", key, "Jefe") ==
             "https://example.com/hook?a=b&mcbatch_key=" + text);
  BOOST_TEST((key_in("/hook?mcbatch_key=" + text, "Jefe") == key));
  BOOST_TEST((key_in("/hook?a=b&mcbatch_key=" + text + "&c", "Jefe") == key));
  for (const std::string& none :
       {std::string(), std::string("/hook"), "/mcbatch_key=" + text, "/hook?x_mcbatch_key=" + text,
        std::string("/hook?mcbatch_key="), "/hook?mcbatch_key=" + text + "0"})
    BOOST_TEST(!key_in(none, "Jefe").has_value(), none);
}

BOOST_AUTO_TEST_CASE(a_key_without_the_tag_of_this_ledger_counts_for_nothing) {
  job_key key, other;
  other.bytes[0] = 1;
  const auto query = webhook_url_of("/", key, "ours").substr(1);
  const auto tag = query.substr(query.find('.'));
  BOOST_TEST(key_in("/" + query, "ours").has_value());
  BOOST_TEST(!key_in("/" + query, "theirs").has_value());
  BOOST_TEST(!key_in("/" + query, "").has_value());
  BOOST_TEST(!key_in(webhook_url_of("/", key, ""), "").has_value());
  for (const auto& bad : {to_hex(key), to_hex(key) + ".", to_hex(other) + tag, to_hex(key) + "." + to_hex(key)})
    BOOST_TEST(!key_in("/?mcbatch_key=" + bad, "ours").has_value(), bad);
}

BOOST_AUTO_TEST_CASE(a_body_gets_a_webhook_url_unless_it_has_one) {
  BOOST_TEST(with_webhook_url("{}", "https://h/?a=\"b") == R"({"webhook_url":"https://h/?a=\"b"})");
  BOOST_TEST(with_webhook_url("{ \"a\": {} } ", "https://h/") == "{ \"a\": {} ,\"webhook_url\":\"https://h/\"} ");
  const std::string own = R"({"webhook_url":"https://mine/","a":1})";
  BOOST_TEST(with_webhook_url(own, "https://h/") == own);
  for (const std::string& number : {std::string("123456789012345678901234567890"), std::string("1e400")})
    BOOST_TEST(with_webhook_url(R"({"seed":)" + number + "}", "https://h/") ==
               R"({"seed":)" + number + R"(,"webhook_url":"https://h/"})");
}

BOOST_AUTO_TEST_SUITE_END()
