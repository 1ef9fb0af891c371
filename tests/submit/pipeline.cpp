#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/submit/clocks.hpp>
#include <mcbatch/submit/submitter.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>
#include <filesystem>

namespace mcbatch::submit {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class silent_observer : public observer {
public:
  void imported(const import_counts&, const std::vector<manifest_problem>&) override {}
  void import_ended(const std::optional<std::string>&) override {}
  void sent() override {}
  void tried(const try_report&) override {}
  void expired(const try_report&) override { ++expired_jobs; }
  void soonest_first(std::uint64_t late) override { late_in_manifest_order = late; }
  void put_back(std::size_t) override {}
  void probed(const outcome&, bool) override {}
  void waits(const wait_state&) override {}
  void problem(const std::string&) override {}
  int expired_jobs = 0;
  std::uint64_t late_in_manifest_order = 0;
};

reply accepted_reply() {
  return {201, {}, R"({"id":"job_1","status":"pending"})"};
}

/// The submitter with a real ledger and a transport that the test writes.
class pipeline {
public:
  explicit pipeline(std::size_t jobs) {
    std::string pattern = std::filesystem::temp_directory_path() / "mcbatch-pipeline-XXXXXX";
    dir_ = ::mkdtemp(pattern.data());
    path = dir_ / "ledger";
    auto store = ledger::store::create_or_open(path, {}).value();
    const auto fill = [jobs](ledger::store& s) {
      for (std::size_t n = 1; n <= jobs; ++n) {
        job_key key;
        key.bytes[0] = static_cast<unsigned char>(n);
        s.import({key, key, "{}", 0, s.manifest("m"), n});
      }
    };
    BOOST_TEST_REQUIRE(store.transact(fill).has_value());
    ledger_id_ = store.ledger_id();
    writer_ = ledger::writer::start(std::move(store), ledger::writer::mode::threaded);
  }
  ~pipeline() { std::filesystem::remove_all(dir_); }

  stop_reason run(api::transport transport, scheduler_settings settings = {}) {
    asio::io_context io{1};
    api::client client(api::base_url::parse("https://example.com/v1").value(), std::move(transport));
    quota::governor_settings quota;
    quota.limits = {{1000, 1s}};
    auto account = account::open(dir_ / "quota", quota, random_source(1), read_clocks()).value();
    const auto same = [] { return api::token::from("t", "a test"); };
    token_source token(same().value(), same);
    silent_observer observer;
    submitter submit(io.get_executor(), {*writer_, ledger_id_, client, [] {}, account, token, observer}, settings,
                     random_source(2), 1s);
    current = &submit;
    submit.input_ended();
    const auto guard = asio::make_work_guard(io);
    std::exception_ptr error;
    const auto ended = [&](std::exception_ptr e) {
      error = e;
      io.stop();
    };
    asio::co_spawn(io, submit.run(), ended);
    io.run();
    BOOST_TEST(!error);
    BOOST_TEST(writer_->close().has_value());
    return submit.reason();
  }

  [[nodiscard]] state_counts states() const { return ledger::reading::open(path).value().counts().value(); }

  std::filesystem::path path;
  submitter* current = nullptr; // while it runs

private:
  std::filesystem::path dir_;
  std::string ledger_id_;
  std::unique_ptr<ledger::writer> writer_;
};

BOOST_AUTO_TEST_SUITE(pipeline_suite)

BOOST_AUTO_TEST_CASE(the_intent_is_on_disk_before_the_first_byte) {
  pipeline p(5);
  int sent = 0;
  const auto transport = [&](request, net::before_send ready) -> asio::awaitable<net::exchange_result> {
    const auto before = p.states()[job_state::sending];
    const bool go = co_await ready();
    BOOST_TEST(go);
    // This is where the first byte would leave.
    BOOST_TEST(p.states()[job_state::sending] == before + 1);
    ++sent;
    co_return accepted_reply();
  };
  scheduler_settings one_at_a_time;
  one_at_a_time.max_in_flight = 1;
  BOOST_TEST((p.run(transport, one_at_a_time) == stop_reason::done));
  BOOST_TEST(sent == 5);
  BOOST_TEST(p.states()[job_state::submitted] == 5);
}

BOOST_AUTO_TEST_CASE(a_connection_that_fails_leaves_no_intent_and_no_doubt) {
  pipeline p(1);
  int tries = 0;
  const auto transport = [&](request, net::before_send ready) -> asio::awaitable<net::exchange_result> {
    if (++tries < 3) {
      BOOST_TEST(p.states()[job_state::pending] == 1);
      co_return net::exchange_failure{{errc::connect_failed, "refused"}, false};
    }
    co_await ready();
    co_return accepted_reply();
  };
  BOOST_TEST((p.run(transport) == stop_reason::done));
  BOOST_TEST(p.states()[job_state::submitted] == 1);
}

BOOST_AUTO_TEST_CASE(one_goes_first_and_then_no_more_than_allowed_are_in_flight) {
  pipeline p(40);
  std::size_t in_flight = 0, most = 0, at_first = 0;
  bool answered = false;
  const auto transport = [&](request, net::before_send ready) -> asio::awaitable<net::exchange_result> {
    co_await ready();
    most = std::max(most, ++in_flight);
    if (!answered) at_first = std::max(at_first, in_flight);
    asio::steady_timer answer(co_await asio::this_coro::executor, 10ms); // others would overtake, were they allowed to
    co_await answer.async_wait(asio::use_awaitable);
    answered = true;
    --in_flight;
    co_return accepted_reply();
  };
  scheduler_settings settings;
  settings.max_in_flight = 6;
  BOOST_TEST((p.run(transport, settings) == stop_reason::done));
  BOOST_TEST(at_first == 1);
  BOOST_TEST(most == 6);
}

BOOST_AUTO_TEST_CASE(a_retried_job_carries_the_same_idempotency_key) {
  pipeline p(1);
  std::vector<std::string> keys;
  const auto transport = [&](request r, net::before_send ready) -> asio::awaitable<net::exchange_result> {
    co_await ready();
    keys.emplace_back(r.fields.find("Idempotency-Key").value_or(""));
    if (keys.size() == 1) co_return reply{503, {}, ""};
    co_return accepted_reply();
  };
  BOOST_TEST((p.run(transport) == stop_reason::done));
  BOOST_TEST(keys.size() == 2);
  BOOST_TEST(!keys.at(0).empty());
  BOOST_TEST(keys.at(0) == keys.at(1));
}

BOOST_AUTO_TEST_CASE(a_stop_that_comes_while_the_intent_goes_to_the_disk_sends_nothing) {
  pipeline p(3);
  int sent = 0;
  const auto transport = [&](request, net::before_send ready) -> asio::awaitable<net::exchange_result> {
    const auto stop = [&] { p.current->stop(stop_reason::signal); };
    asio::post(co_await asio::this_coro::executor, stop); // its turn comes while the commit is waited for
    if (co_await ready()) ++sent;
    co_return net::exchange_failure{{errc::stopped, "stopped"}, false};
  };
  BOOST_TEST((p.run(transport) == stop_reason::signal));
  BOOST_TEST(sent == 0);
  BOOST_TEST(p.states()[job_state::pending] == 3);
}

BOOST_AUTO_TEST_CASE(a_row_of_403s_goes_back_to_pending) {
  pipeline p(10);
  const auto transport = [&](request, net::before_send ready) -> asio::awaitable<net::exchange_result> {
    co_await ready();
    co_return reply{403, {}, R"({"error":"forbidden","message":"Insufficient permissions for this resource"})"};
  };
  BOOST_TEST((p.run(transport) == stop_reason::forbidden));
  BOOST_TEST(p.states()[job_state::pending] == 10);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::submit
