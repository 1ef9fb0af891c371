#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "track/played_world.hpp"

#include "sandbox/webhook_signature.hpp"

#include <mcbatch/api/webhook_url.hpp>

namespace mcbatch::track::test {
namespace {

using namespace std::chrono_literals;

net::exchange_result nothing(const request&) {
  return reply{404, {}, ""};
}

request event_request(const std::string& body, const std::string& signature, verb method = verb::post) {
  request r{method, "/events", {}, body};
  if (!signature.empty()) r.fields.add("x-mediaconvert-signature", signature);
  return r;
}

std::string signed_by(const std::string& key, const std::string& body) {
  return sandbox::webhook_signature(body, key);
}

/// What the receiver answers, once the ledger's thread has come to its work.
reply answer_to(played_world& w, request r) {
  w.hear(std::move(r));
  w.run();
  while (w.commit())
    w.run();
  BOOST_TEST_REQUIRE(w.answered.size() == 1);
  auto answered = std::move(w.answered.front());
  w.answered.clear();
  return answered;
}

struct sent_event {
  const char* what;
  request event;
  int status;
};

BOOST_AUTO_TEST_SUITE(event_receivers)

BOOST_AUTO_TEST_CASE(it_is_answered_once_it_is_on_the_disk_and_not_before) {
  played_world w(nothing);
  w.add_submitted(1);
  w.hear(event_of(1, "completed", R"(,"cost_micros":5)"), 1);
  w.run();
  BOOST_TEST(w.answered.empty());
  w.commit();
  w.run();
  BOOST_TEST_REQUIRE(w.answered.size() == 1);
  BOOST_TEST(w.answered[0].status == 200);
  BOOST_TEST(w.record_of(1).conversion.value().cost_micros.value() == 5);
}

BOOST_AUTO_TEST_CASE(what_is_no_signed_event_is_refused_and_changes_nothing) {
  const auto good = event_of(1, "completed");
  const auto signature = signed_by(secret, good);
  const std::vector<sent_event> all{
      {"no signature", event_request(good, ""), 401},
      {"an empty one", event_request(good, "sha256="), 401},
      {"another secret's", event_request(good, signed_by("whsec_of_another", good)), 401},
      {"an empty secret's", event_request(good, signed_by("", good)), 401},
      {"another body's", event_request(good + " ", signature), 401},
      {"half of it", event_request(good, signature.substr(0, 39)), 401},
      {"another scheme", event_request(good, "sha1=" + signature.substr(7)), 401},
      {"no JSON", event_request("completed", signed_by(secret, "completed")), 400},
      {"nothing", event_request("", signed_by(secret, "")), 400},
      {"an array", event_request("[]", signed_by(secret, "[]")), 400},
      {"no job", event_request(R"({"status":"completed"})", signed_by(secret, R"({"status":"completed"})")), 400},
      {"no status", event_request(R"({"job_id":"job_1"})", signed_by(secret, R"({"job_id":"job_1"})")), 400},
      {"by GET", event_request(good, signature, verb::get), 405},
  };
  played_world w(nothing);
  w.add_submitted(1);
  for (const auto& each : all) {
    const auto answered = answer_to(w, each.event);
    BOOST_TEST(answered.status == each.status, each.what << " is answered " << answered.status);
    BOOST_TEST(!answered.body.empty());
  }
  BOOST_TEST(w.record_of(1).conversion.has_value() == false);
  BOOST_TEST(w.receiver().counts().unproven == 7);
  BOOST_TEST(w.receiver().counts().malformed == 5);
  BOOST_TEST(w.receiver().counts().recorded() == 0);
  BOOST_TEST(answer_to(w, event_request(good, signature, verb::get)).fields.find("Allow").value() == "POST");
  BOOST_TEST(answer_to(w, event_request(good, signature)).status == 200); // and the good one still counts
}

BOOST_AUTO_TEST_CASE(each_event_is_counted_by_what_it_came_to) {
  played_world w(nothing);
  w.add_submitted(1);
  w.add_in_doubt(2);
  const auto hear = [&](const std::string& body, std::uint64_t n) {
    request r{verb::post, w.address_of(n), {}, body};
    r.fields.add("X-MediaConvert-Signature", signed_by(secret, body));
    BOOST_TEST(answer_to(w, std::move(r)).status == 200);
  };
  hear(event_of(1, "processing"), 1);
  hear(event_of(1, "completed"), 1);
  hear(event_of(1, "completed"), 1);
  hear(event_of(1, "processing"), 1);
  hear(event_of(2, "processing"), 2);
  hear(event_of(3, "completed"), 3); // nobody knows it
  const auto& counts = w.receiver().counts();
  BOOST_TEST(counts.news == 2);
  BOOST_TEST(counts.no_news == 2);
  BOOST_TEST(counts.proofs == 1);
  BOOST_TEST(counts.early == 1);
  BOOST_TEST(counts.recorded() == 6);
  const auto proven = w.record_of(2);
  BOOST_TEST((proven.state == job_state::submitted));
  BOOST_TEST(proven.job_id == id_of(2));
}

BOOST_AUTO_TEST_CASE(an_old_event_at_another_job_s_address_is_of_its_own_job_alone) {
  played_world w(nothing);
  w.add_submitted(1);
  w.add_submitted(2);
  w.add_in_doubt(3);
  const auto body = event_of(1, "completed");
  for (std::uint64_t address = 1; address <= 3; ++address) {
    request r{verb::post, w.address_of(address), {}, body};
    r.fields.add("X-MediaConvert-Signature", signed_by(secret, body));
    BOOST_TEST(answer_to(w, std::move(r)).status == 200);
  }
  BOOST_TEST((w.record_of(1).conversion.value().state == conversion_state::completed));
  BOOST_TEST(!w.record_of(2).conversion.has_value());
  BOOST_TEST((w.record_of(3).state == job_state::in_doubt));
}

BOOST_AUTO_TEST_CASE(an_event_proves_nothing_of_a_job_at_an_address_that_its_ledger_did_not_make) {
  played_world w(nothing);
  w.add_in_doubt(1);
  const auto body = event_of(7, "completed");
  const auto hear_at = [&](std::string address) {
    request r{verb::post, std::move(address), {}, body};
    r.fields.add("X-MediaConvert-Signature", signed_by(secret, body));
    BOOST_TEST(answer_to(w, std::move(r)).status == 200);
    return w.record_of(1).state;
  };
  BOOST_TEST((hear_at(api::webhook_url_of("/events", key_of(1), "another ledger's")) == job_state::in_doubt));
  BOOST_TEST(
      (hear_at("/events?mcbatch_key=" + to_hex(key_of(1))) == job_state::in_doubt)); // as earlier versions made it
  BOOST_TEST((hear_at(w.address_of(1)) == job_state::submitted)); // though the event was kept without its key
}

BOOST_AUTO_TEST_CASE(where_the_ledger_takes_nothing_it_is_to_come_again) {
  played_world w(nothing);
  w.add_submitted(1);
  w.close_ledger();
  w.hear(event_of(1, "completed"), 1);
  w.run();
  BOOST_TEST_REQUIRE(w.answered.size() == 1);
  BOOST_TEST(w.answered[0].status == 503);
  BOOST_TEST(w.receiver().counts().recorded() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::track::test
