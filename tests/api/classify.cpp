#include "sample.hpp"

#include <mcbatch/api/classify.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::api;
using namespace mcbatch::api::test;

namespace {

outcome created(int status, std::string body) {
  return classify_create(reply{status, {}, std::move(body)}, sample_token());
}

/// The message that a 422 with this JSON text as its `message` leaves.
std::string message_for(const std::string& json_text) {
  return created(422, R"({"error":"e","message":")" + json_text + "\"}").message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_classify)

BOOST_AUTO_TEST_CASE(every_status_has_its_meaning) {
  struct row {
    int status;
    meaning what;
    job_state state;
  };
  const row rows[] = {
      {199, meaning::server_error, job_state::in_doubt},    {200, meaning::accepted, job_state::submitted},
      {201, meaning::accepted, job_state::submitted},       {202, meaning::accepted, job_state::submitted},
      {299, meaning::accepted, job_state::submitted},       {300, meaning::redirected, job_state::pending},
      {301, meaning::redirected, job_state::pending},       {304, meaning::redirected, job_state::pending},
      {307, meaning::redirected, job_state::pending},       {308, meaning::redirected, job_state::pending},
      {400, meaning::refused, job_state::rejected},         {401, meaning::unauthorized, job_state::pending},
      {402, meaning::payment_required, job_state::pending}, {403, meaning::forbidden, job_state::rejected},
      {404, meaning::refused, job_state::rejected},         {408, meaning::try_later, job_state::pending},
      {409, meaning::refused, job_state::rejected},         {413, meaning::refused, job_state::rejected},
      {422, meaning::refused, job_state::rejected},         {425, meaning::try_later, job_state::pending},
      {429, meaning::rate_limited, job_state::pending},     {499, meaning::refused, job_state::rejected},
      {500, meaning::server_error, job_state::in_doubt},    {501, meaning::server_error, job_state::in_doubt},
      {502, meaning::server_error, job_state::in_doubt},    {503, meaning::unavailable, job_state::pending},
      {504, meaning::server_error, job_state::in_doubt},    {599, meaning::server_error, job_state::in_doubt},
      {600, meaning::server_error, job_state::in_doubt},    {999, meaning::server_error, job_state::in_doubt},
  };
  for (const auto& row : rows) {
    const auto seen = created(row.status, R"({"id":"job_1","error":"e","message":"m"})");
    BOOST_TEST(to_string(seen.what) == to_string(row.what), row.status);
    BOOST_TEST((state_after(seen.what) == row.state));
    BOOST_TEST(seen.http_status == row.status);
    BOOST_TEST(seen.job_id == (row.what == meaning::accepted ? "job_1" : ""));
  }
}

BOOST_AUTO_TEST_CASE(every_failure_has_its_meaning) {
  struct row {
    errc code;
    bool byte_left;
    meaning what;
  };
  const row rows[] = {
      {errc::resolve_failed, false, meaning::not_sent},
      {errc::connect_failed, false, meaning::not_sent},
      {errc::tls_failed, false, meaning::not_sent},
      {errc::untrusted, false, meaning::untrusted},
      {errc::timed_out, false, meaning::not_sent},
      {errc::stopped, false, meaning::not_sent},
      {errc::timed_out, true, meaning::lost},
      {errc::broken_exchange, true, meaning::lost},
      {errc::stopped, true, meaning::lost},
  };
  for (const auto& row : rows) {
    const net::exchange_result failed = net::exchange_failure{{row.code, "what happened"}, row.byte_left};
    for (const auto& seen : {classify_create(failed, sample_token()), classify_read(failed, sample_token())}) {
      BOOST_TEST(to_string(seen.what) == to_string(row.what));
      BOOST_TEST(seen.http_status == 0);
      BOOST_TEST(seen.error == to_string(row.code));
      BOOST_TEST(seen.message == "what happened");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_documented_acceptance) {
  const auto seen = created(201, R"({"id":"job_abc123xyz","status":"pending","job_type":"video",
    "progress_percentage":0,"estimated_cost_micros":157500,"estimated_cost_cents":16})");
  BOOST_TEST((seen.what == meaning::accepted));
  BOOST_TEST(seen.job_id == "job_abc123xyz");
  BOOST_TEST(seen.job_status == "pending");
  BOOST_TEST(seen.estimated_cost_micros.value() == 157500);
  BOOST_TEST(seen.error.empty());
  BOOST_TEST(seen.message.empty());
}

BOOST_AUTO_TEST_CASE(a_success_is_one_only_with_an_id) {
  struct row {
    const char* body;
    const char* id; // empty: unclear
  };
  const row rows[] = {
      {R"({"id":42})", "42"},
      {R"({"id":18446744073709551615})", "18446744073709551615"},
      {R"({"id":"j","estimated_cost_micros":"much","status":7})", "j"},
      {R"({"id":""})", ""},
      {R"({"id":" \u0000 "})", ""},
      {R"({"id":null})", ""},
      {R"({"id":true})", ""},
      {R"({"id":1.5})", ""},
      {R"({"id":["j"]})", ""},
      {R"({"ID":"j"})", ""},
      {R"({"data":{"id":"j"}})", ""},
      {R"([{"id":"j"}])", ""},
      {R"("j")", ""},
      {R"({"id":"j")", ""},
      {R"({"id":"j"}})", ""},
      {"{\"id\":\"j\xff\"}", ""},
      {"", ""},
      {"   ", ""},
      {"<html>ok</html>", ""},
  };
  for (const auto& [body, id] : rows) {
    const auto seen = created(200, body);
    const bool good = *id != '\0';
    BOOST_TEST(to_string(seen.what) == to_string(good ? meaning::accepted : meaning::unclear_success), body);
    BOOST_TEST(seen.job_id == id);
    BOOST_TEST(seen.message.empty() == good);
  }
  BOOST_TEST(created(200, "<html>ok</html>").message.find("200 (OK) without a job's id: <html>ok</html>") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(costs_are_whole_and_not_below_zero) {
  const auto cost = [](const std::string& text) {
    return created(200, R"({"id":"j","estimated_cost_micros":)" + text + "}").estimated_cost_micros.value_or(-1);
  };
  BOOST_TEST(cost("0") == 0);
  BOOST_TEST(cost("999999999999") == 999'999'999'999);
  BOOST_TEST(cost("1000000000001") == -1); // no job costs more than a million euros
  BOOST_TEST(cost("9000000000000000000") == -1);
  BOOST_TEST(cost("157500.0") == 157500);
  BOOST_TEST(cost("-5") == -1);
  BOOST_TEST(cost("1e300") == -1);
  BOOST_TEST(cost("null") == -1);
  BOOST_TEST(cost("\"1\"") == -1);
}

BOOST_AUTO_TEST_CASE(an_answer_is_understood_whatever_numbers_stand_beside_what_counts) {
  const auto seen = created(201, R"({"id":"j","seed":123456789012345678901234567890,"x":[1e400]})");
  BOOST_TEST(to_string(seen.what) == to_string(meaning::accepted));
  BOOST_TEST(seen.job_id == "j");
}

BOOST_AUTO_TEST_CASE(a_refusal_keeps_the_words_of_the_service) {
  const auto documented = created(401, R"({"error":"unauthorized","message":"Invalid or expired API token"})");
  BOOST_TEST(documented.error == "unauthorized");
  BOOST_TEST(documented.message == "Invalid or expired API token");

  for (const auto* body :
       {"", "<html>Bad Gateway</html>", "[]", R"({"error":{"code":1},"message":[]})", "{\"error\":"}) {
    const auto silent = created(502, body);
    BOOST_TEST(silent.error == "server_error");
    BOOST_TEST(silent.message == "the service answered 502 (Bad Gateway)");
  }
}

BOOST_AUTO_TEST_CASE(a_redirect_says_where_to_but_not_with_which_query) {
  reply elsewhere{302, {}, ""};
  elsewhere.fields.add("Location", "https://login.example/in?token=s3cret");
  const auto seen = classify_create(elsewhere, sample_token());
  BOOST_TEST(seen.message == "the service answered 302 (Found): moved to https://login.example/in?...");
}

BOOST_AUTO_TEST_CASE(hostile_words_become_one_plain_line) {
  struct row {
    const char* sent;
    const char* kept;
  };
  const row rows[] = {
      {R"(two\r\nlines\n\n)", "two lines"},
      {R"(\u001b[31mred\u0007\u0000!)", "[31mred !"},
      {R"(\u009b31mC1)", "31mC1"},
      {R"(\u202Egnp.exe\u2066\u200b)", "gnp.exe"},
      {R"(tab\tdel\u007f.)", "tab del ."},
      {R"(caf\u00e9 \ud83d\ude00)", "caf\xc3\xa9 \xf0\x9f\x98\x80"},
      {R"(cannot read https://b.s3.aws/k.mp4?X-Amz-Signature=5ig&a=b today)",
       "cannot read https://b.s3.aws/k.mp4?... today"},
      {R"(see \"https://b/k?sig=5ig\", or <https://c/d?x=5ig>)", "see \"https://b/k?...\", or <https://c/d?...>"},
      {R"(b.s3.aws/k\u003fX-Goog-Signature\u003d5ig)", "b.s3.aws/k?..."},
      {R"(url=https%3A%2F%2Fb%2Fk%3FX-Amz-Signature%3D5ig)", "url=https%3A%2F%2Fb%2Fk?..."},
      {R"(X-Amz-Signature=5ig is wrong)", "X-Amz-?... is wrong"},
      {R"(what is this? a=b)", "what is this? a=b"},
      {R"(Bearer mc_test_5ecret is bad: mc_test_5ecret)", "Bearer *** is bad: ***"},
      {R"(mc_test_\u00005ecret)", "mc_test_ 5ecret"},
  };
  for (const auto& [sent, kept] : rows)
    BOOST_TEST(message_for(sent) == kept);
}

/// The signatures of the job's own URLs are known, and are found whatever they stand in.
BOOST_AUTO_TEST_CASE(signatures_that_were_sent_are_not_shown) {
  const std::string sent =
      R"({"input_url":"https://b/k?X-Amz-Date=20240115T103000Z&X-Amz-Signature=0123456789abcdef","output_url":)"
      R"("https://c/d?se=2024\u0026SIG=aB%2Bc%2FdEfGh%3D","other":"https://e/?Signature=short&profile=high-quality"})";
  const auto said = [&](const std::string& words) {
    const auto json = R"({"error":"e","message":")" + words + "\"}";
    return classify_create(reply{422, {}, json}, sample_token(), sent).message;
  };
  BOOST_TEST(said("<SignatureProvided>0123456789abcdef</SignatureProvided>") ==
             "<SignatureProvided>***</SignatureProvided>");
  BOOST_TEST(said("'0123456789abcdef' aB%2Bc%2FdEfGh%3D or aB+c/dEfGh=") == "'***' *** or ***");
  const std::string escaped = R"({"a":["https:\/\/b\/k?X-Amz-Security-Token\u003dIQoJb3\/JpZ2lu"],)"
                              R"("b":{"c":"https://d/e?Signature\u003d0a1b2c3d4e5f"}})";
  const reply told{422, {}, R"({"error":"e","message":"IQoJb3/JpZ2lu and 0a1b2c3d4e5f"})"};
  BOOST_TEST(classify_create(told, sample_token(), escaped).message == "*** and ***");
  BOOST_TEST(said("a short one of 20240115T103000Z in high-quality") ==
             "a short one of 20240115T103000Z in high-quality");
  const net::exchange_result lost = net::exchange_failure{{errc::broken_exchange, "at 0123456789abcdef"}, true};
  BOOST_TEST(classify_create(lost, sample_token(), sent).message == "at ***");
}

BOOST_AUTO_TEST_CASE(evidence_of_an_unclear_success_holds_no_signature) {
  const auto seen = created(200, R"({"input_url":"https:\/\/b\/k\u003fX-Amz-Signature=5ig","t":"mc_test_5ecret"})");
  BOOST_TEST((seen.what == meaning::unclear_success));
  BOOST_TEST(seen.message.find("5ig") == std::string::npos);
  BOOST_TEST(seen.message.find("5ecret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(long_words_are_cut_between_characters) {
  BOOST_TEST(message_for(std::string(500, 'x')) == std::string(500, 'x'));
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    while (text.size() < 600)
      text += "\xf0\x9f\x98\x80";
    const auto cut = message_for(text);
    BOOST_TEST(cut.size() <= 500);
    BOOST_TEST(cut.size() > 490);
    BOOST_TEST(cut.ends_with("\xf0\x9f\x98\x80..."));
  }
}

BOOST_AUTO_TEST_CASE(a_read_needs_no_id) {
  const auto read = [](int status, std::string body = "<html>") {
    return classify_read(reply{status, {}, std::move(body)}, sample_token()).what;
  };
  BOOST_TEST((read(200, "{}") == meaning::accepted));
  BOOST_TEST((read(200) == meaning::unclear_success)); // a portal's page: not the service
  BOOST_TEST((read(204, "") == meaning::unclear_success));
  BOOST_TEST((read(401) == meaning::unauthorized));
  BOOST_TEST((read(302) == meaning::redirected));
  BOOST_TEST((read(500) == meaning::server_error));
}

BOOST_AUTO_TEST_SUITE_END()
