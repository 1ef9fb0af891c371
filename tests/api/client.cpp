#include "sample.hpp"

#include <mcbatch/api/client.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <vector>

using namespace mcbatch;
using namespace mcbatch::api;
using namespace mcbatch::api::test;
namespace asio = boost::asio;

namespace {

/// A transport that asks before it sends, keeps what it was given and gives one answer to all.
struct fixture {
  std::vector<request> sent;
  net::exchange_result next = reply{201, {}, R"({"id":"job_1","status":"pending"})"};
  client service{sample_base(), [this](request what, net::before_send ready) -> awaitable<net::exchange_result> {
                   if (ready) {
                     const bool go = co_await ready();
                     if (!go) co_return net::exchange_failure{{errc::stopped, "not sent"}, false};
                   }
                   sent.push_back(what);
                   co_return next;
                 }};

  static attempt run(awaitable<attempt> task) {
    asio::io_context io;
    attempt seen;
    const auto on_end = [&seen](const std::exception_ptr& error, attempt ended) {
      if (error) std::rethrow_exception(error);
      seen = std::move(ended);
    };
    asio::co_spawn(io, std::move(task), on_end);
    io.run();
    return seen;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(api_client, fixture)

BOOST_AUTO_TEST_CASE(a_create_is_sent_once_it_may_be) {
  bool may_go = true;
  const net::before_send ready = [&]() -> awaitable<bool> { co_return may_go; };
  const auto seen = run(service.create(sample_token(), sample_job(), "k1", ready));
  BOOST_TEST((seen.result.what == meaning::accepted));
  BOOST_TEST(seen.result.job_id == "job_1");
  BOOST_TEST(seen.answer.value().status == 201);
  BOOST_TEST_REQUIRE(sent.size() == 1);
  BOOST_TEST(sent[0].target == "/api/v1/conversion_jobs");
  BOOST_TEST(sent[0].fields.find("Idempotency-Key").value() == "k1");

  may_go = false;
  const auto held = run(service.create(sample_token(), sample_job(), "k1", ready));
  BOOST_TEST((held.result.what == meaning::not_sent));
  BOOST_TEST(!held.answer.has_value());
  BOOST_TEST(sent.size() == 1);
}

BOOST_AUTO_TEST_CASE(reads_keep_their_answer_whatever_it_is) {
  next = reply{200, {}, R"({"email":"a@b"})"};
  const auto me = run(service.me(sample_token()));
  BOOST_TEST((me.result.what == meaning::accepted));
  BOOST_TEST(me.answer.value().body == R"({"email":"a@b"})");
  next = reply{401, {}, R"({"error":"unauthorized","message":"Invalid or expired API token"})"};
  const auto account = run(service.account(sample_token()));
  BOOST_TEST((account.result.what == meaning::unauthorized));
  BOOST_TEST(account.result.message == "Invalid or expired API token");
  BOOST_TEST(sent[0].target == "/api/v1/me");
  BOOST_TEST(sent[1].target == "/api/v1/account");
}

BOOST_AUTO_TEST_SUITE_END()
