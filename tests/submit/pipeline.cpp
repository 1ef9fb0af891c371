#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/clocks.hpp>
#include <mcbatch/submit/submitter.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_timer.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

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
  void spent() override {}
  void refunded() override {}
  void waits(const wait_state&) override {}
  void problem(const std::string&) override {}
  int expired_jobs = 0;
  std::uint64_t late_in_manifest_order = 0;
};

reply accepted_reply() {
  return {201, {}, R"({"id":"job_1","status":"pending"})"};
}

/// Accepts everything and remembers the lines of what was sent.
struct accepting_service {
  std::vector<std::size_t> lines;
  reply answer = accepted_reply();

  awaitable<net::exchange_result> take(request r, net::before_send ready) {
    const bool go = co_await ready();
    if (!go) co_return net::exchange_failure{{errc::stopped, "stopped"}, false};
    lines.push_back(std::stoul(r.body.substr(r.body.find(':') + 1)));
    co_return answer;
  }
  api::transport transport() {
    return [this](request r, net::before_send ready) { return take(std::move(r), std::move(ready)); };
  }
};

scheduler_settings one_at_a_time(std::optional<std::uint64_t> most = {}) {
  scheduler_settings settings;
  settings.max_in_flight = 1;
  settings.max_jobs = most;
  settings.url_margin = 0s;
  return settings;
}

/// The submitter with a real ledger and a transport that the test writes.
class pipeline {
public:
  /// When the URLs of the job in line `n` end.
  using end_of_line = std::function<std::optional<wall_time>(std::size_t n)>;

  explicit pipeline(
      std::size_t jobs, const end_of_line& ends = [](std::size_t) { return std::nullopt; }) {
    std::string pattern = std::filesystem::temp_directory_path() / "mcbatch-pipeline-XXXXXX";
    dir_ = ::mkdtemp(pattern.data());
    path = dir_ / "ledger";
    auto store = ledger::store::create_or_open(path, {}).value();
    const auto fill = [&](ledger::store& s) {
      for (std::size_t n = 1; n <= jobs; ++n) {
        job_key key;
        key.bytes[0] = static_cast<unsigned char>(n);
        const auto body = "{\"n\":" + std::to_string(n) + "}";
        s.import({key, key, body, s.manifest("m"), n, 0, ends(n)});
      }
    };
    BOOST_TEST_REQUIRE(store.transact(fill).has_value());
    ledger_id_ = store.ledger_id();
    writer_ = ledger::writer::start(std::move(store), ledger::writer::mode::threaded,
                                    [this](std::function<void()> f) { asio::post(io_, std::move(f)); });
  }
  ~pipeline() { std::filesystem::remove_all(dir_); }

  stop_reason run(api::transport transport, scheduler_settings settings = {}) {
    auto& io = io_;
    api::client client(api::base_url::parse("https://example.com/v1").value(), std::move(transport));
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
    late_in_manifest_order = observer.late_in_manifest_order;
    return submit.reason();
  }

  /// What the service says by itself of the job in line `n`.
  void hear(std::size_t n, std::string job_id) {
    job_key key;
    key.bytes[0] = static_cast<unsigned char>(n);
    const auto listen = [&](ledger::store& s) { s.hear({std::move(job_id), key, {}}, read_clocks().wall); };
    BOOST_TEST(writer_->run(listen).has_value());
  }

  [[nodiscard]] state_counts states() const { return ledger::reading::open(path).value().counts().value(); }

  std::filesystem::path path;
  quota::governor_settings quota{.limits = {{1000, 1s}}};
  std::uint64_t late_in_manifest_order = 0; // as the observer was told
  submitter* current = nullptr;             // while it runs

private:
  std::filesystem::path dir_;
  std::string ledger_id_;
  asio::io_context io_{1};
  std::unique_ptr<ledger::writer> writer_;
};

BOOST_AUTO_TEST_SUITE(pipeline_suite)

BOOST_AUTO_TEST_CASE(the_intent_is_on_disk_before_the_first_byte) {
  pipeline p(5);
  std::uint64_t sent = 0;
  const auto transport = [&](request, net::before_send ready) -> awaitable<net::exchange_result> {
    const bool go = co_await ready();
    BOOST_TEST(go);
    // This is where the first byte would leave: behind the outcomes of those before it, though they are told later.
    BOOST_TEST(p.states()[job_state::sending] == 1);
    BOOST_TEST(p.states()[job_state::submitted] == sent);
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
  const auto transport = [&](request, net::before_send ready) -> awaitable<net::exchange_result> {
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
  const auto transport = [&](request, net::before_send ready) -> awaitable<net::exchange_result> {
    co_await ready();
    most = std::max(most, ++in_flight);
    if (!answered) at_first = std::max(at_first, in_flight);
    steady_timer answer(co_await asio::this_coro::executor, 10ms); // others would overtake, were they allowed to
    co_await answer.async_wait(use_awaitable);
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
  const auto transport = [&](request r, net::before_send ready) -> awaitable<net::exchange_result> {
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
  const auto transport = [&](request, net::before_send ready) -> awaitable<net::exchange_result> {
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
  const auto transport = [&](request, net::before_send ready) -> awaitable<net::exchange_result> {
    co_await ready();
    co_return reply{403, {}, R"({"error":"forbidden","message":"Insufficient permissions for this resource"})"};
  };
  BOOST_TEST((p.run(transport) == stop_reason::forbidden));
  BOOST_TEST(p.states()[job_state::pending] == 10);
}

BOOST_AUTO_TEST_CASE(a_job_that_is_proven_before_it_goes_again_does_not_go_again) {
  pipeline p(2);
  std::vector<bool> left;
  const auto transport = [&](request, net::before_send ready) -> awaitable<net::exchange_result> {
    const bool again = left.size() == 2;
    if (again) p.hear(1, "job_7");
    left.push_back(co_await ready());
    if (left.size() == 1) co_return net::exchange_failure{{errc::broken_exchange, "reset"}, true};
    if (again) co_return net::exchange_failure{{errc::stopped, "stopped"}, false};
    co_return accepted_reply();
  };
  auto settings = one_at_a_time();
  settings.resubmit_in_doubt = true;
  BOOST_TEST((p.run(transport, settings) == stop_reason::done));
  BOOST_TEST(left == (std::vector<bool>{true, true, false}), boost::test_tools::per_element());
  BOOST_TEST(p.states()[job_state::submitted] == 2);
}

BOOST_AUTO_TEST_CASE(what_is_dead_on_arrival_costs_no_token) {
  const auto now = read_clocks().wall;
  pipeline p(7, [now](std::size_t n) { return n % 2 == 0 ? std::nullopt : std::optional(now - 1h); });
  p.quota.limits = {{3, 1h}};
  accepting_service service;
  BOOST_TEST((p.run(service.transport()) == stop_reason::done));
  BOOST_TEST(p.states()[job_state::submitted] == 3);
  BOOST_TEST(p.states()[job_state::expired] == 4); // the last when no token was left
  BOOST_TEST(p.late_in_manifest_order == 0);       // nothing can save what is dead already
}

BOOST_AUTO_TEST_CASE(those_that_expire_soonest_go_first_where_some_would_be_late) {
  // By five an hour the last of twenty have their turn in three hours. Those of the last ten lines end one after the
  // other in half an hour to two, the last line's first; those before them never do, but for one that is dead.
  const auto now = read_clocks().wall;
  const auto ends = [now](std::size_t n) -> std::optional<wall_time> {
    if (n == 2) return now - 1s;
    if (n > 10) return now + 30min + (20 - n) * 10min;
    return std::nullopt;
  };
  pipeline p(20, ends);
  p.quota.limits = {{5, 1h}};
  accepting_service service;
  BOOST_TEST((p.run(service.transport(), one_at_a_time(5)) == stop_reason::max_jobs));
  BOOST_TEST(service.lines == (std::vector<std::size_t>{20, 19, 18, 17, 16}), boost::test_tools::per_element());
  BOOST_TEST(p.late_in_manifest_order > 0);
  BOOST_TEST(p.states()[job_state::expired] == 1);
}

BOOST_AUTO_TEST_CASE(manifest_order_is_kept_where_all_are_in_time) {
  const auto now = read_clocks().wall;
  pipeline p(8, [now](std::size_t n) { return now + 5h - n * 10min; });
  p.quota.limits = {{5, 1h}};
  accepting_service service;
  BOOST_TEST((p.run(service.transport(), one_at_a_time(3)) == stop_reason::max_jobs));
  BOOST_TEST(service.lines == (std::vector<std::size_t>{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(p.late_in_manifest_order == 0);
}

BOOST_AUTO_TEST_CASE(the_order_is_decided_again_when_other_limits_hold) {
  // On Pro all go at once. On Free, which two answers show, the last ten have to wait for two minutes.
  const auto now = read_clocks().wall;
  const auto ends = [now](std::size_t n) { return n == 30 ? std::optional(now + 100s) : std::nullopt; };
  pipeline p(30, ends);
  p.quota = {};
  p.quota.ceiling = quota::tier::pro;
  accepting_service service;
  service.answer.fields.add("X-RateLimit-Limit", "10");
  BOOST_TEST((p.run(service.transport(), one_at_a_time(4)) == stop_reason::max_jobs));
  BOOST_TEST(service.lines == (std::vector<std::size_t>{1, 2, 30, 3}), boost::test_tools::per_element());
  BOOST_TEST(p.late_in_manifest_order == 1);
}

BOOST_AUTO_TEST_CASE(a_job_that_dies_though_it_was_thought_to_be_in_time_changes_the_order) {
  // By the limits all go at once. But the first answer comes after the second job's end.
  const auto now = read_clocks().wall;
  const auto second_ends = now + 700ms;
  const auto ends = [&](std::size_t n) -> std::optional<wall_time> {
    if (n == 1) return std::nullopt;
    if (n == 2) return second_ends;
    return now + 5h - n * 1h;
  };
  pipeline p(4, ends);
  accepting_service service;
  const auto transport = [&](request r, net::before_send ready) -> awaitable<net::exchange_result> {
    auto result = co_await service.take(std::move(r), std::move(ready));
    asio::system_timer after_its_end(co_await asio::this_coro::executor, second_ends);
    co_await after_its_end.async_wait(use_awaitable);
    co_return result;
  };
  BOOST_TEST((p.run(transport, one_at_a_time()) == stop_reason::done));
  BOOST_TEST(service.lines == (std::vector<std::size_t>{1, 4, 3}), boost::test_tools::per_element());
  BOOST_TEST(p.states()[job_state::expired] == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::submit
