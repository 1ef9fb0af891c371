#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "temporary_folder.hpp"

#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/gatherer.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <string>

namespace mcbatch::submit {
namespace {

/// A ledger with two jobs, a writer that is pumped, and an event loop.
struct gathering {
  test::temporary_folder folder;
  boost::asio::io_context io{1};
  std::unique_ptr<ledger::writer> writer;
  std::optional<gatherer> works;
  std::string told;

  gathering() {
    auto store = ledger::store::create_or_open(folder.path() / "ledger", {}).value();
    const auto fill = [](ledger::store& s) {
      for (std::uint64_t n = 1; n <= 2; ++n) {
        job_key key;
        key.bytes[0] = static_cast<unsigned char>(n);
        s.import({key, key, "{}", s.manifest("m"), n});
      }
      s.fetch(2);
    };
    BOOST_TEST_REQUIRE(store.transact(fill).has_value());
    writer = ledger::writer::start(std::move(store), ledger::writer::mode::manual,
                                   [this](std::function<void()> f) { boost::asio::post(io, std::move(f)); });
    works.emplace(io.get_executor(), *writer);
  }

  auto tell(char c) {
    return [this, c](const auto& committed) { told += committed ? c : '!'; };
  }
  state_counts run() {
    io.run();
    while (writer->pump())
      ;
    io.restart();
    io.run();
    io.restart();
    state_counts counts;
    BOOST_TEST(writer->run([&](ledger::store& s) { counts = s.counts(); }).has_value());
    return counts;
  }
};

void nothing(ledger::store&) {}

} // namespace

BOOST_AUTO_TEST_SUITE(gatherers)

BOOST_FIXTURE_TEST_CASE(what_comes_turn_after_turn_shares_a_commit, gathering) {
  const auto before = writer->commits();
  boost::asio::post(io, [this] {
    works->post(nothing, tell('2'));
    boost::asio::post(io, [this] {
      BOOST_TEST(!writer->pump());
      works->post(nothing, tell('3'));
    });
  });
  works->post(nothing, tell('1'));
  io.run();
  writer->pump();
  BOOST_TEST(writer->commits() == before + 1);
  BOOST_TEST(!writer->pump());
  io.restart();
  io.run();
  BOOST_TEST(told == "123");
}

// As a socket's answer comes: behind what was posted before the loop looked.
BOOST_FIXTURE_TEST_CASE(what_the_loop_finds_shares_the_commit_of_what_it_knew, gathering) {
  steady_timer due(io, instant::min());
  due.async_wait([this](boost::system::error_code) {
    BOOST_TEST(!writer->pump());
    works->post(nothing, tell('2'));
  });
  works->post(nothing, tell('1'));
  run();
  BOOST_TEST(told == "12");
}

BOOST_FIXTURE_TEST_CASE(a_busy_loop_lets_nothing_wait_for_long, gathering) {
  int turns = 0;
  std::function<void()> busy = [&] {
    if (++turns > 2000) return;
    works->post(nothing, tell('.'));
    boost::asio::post(io, busy);
  };
  busy();
  while (!writer->pump() && io.run_one() != 0)
    ;
  BOOST_TEST(turns <= 513);
  turns = 2000; // enough
  io.run();
}

BOOST_FIXTURE_TEST_CASE(an_idle_loop_lets_nothing_wait, gathering) {
  works->post(nothing, tell('1'));
  io.run(); // without anything else to do it ends
  BOOST_TEST(writer->pump());
}

BOOST_FIXTURE_TEST_CASE(an_intent_is_told_once_it_is_in_the_ledger, gathering) {
  works->post_intent(1, {}, tell('a'));
  works->post_intent(2, {}, tell('b'));
  io.run();
  BOOST_TEST(told.empty());
  io.restart();
  BOOST_TEST(run()[job_state::sending] == 2U);
  BOOST_TEST(told == "ab");
}

// A job that the service asked to send again may be sent before that answer is on record.
BOOST_FIXTURE_TEST_CASE(an_outcome_goes_before_the_next_intent_of_its_job, gathering) {
  works->post_intent(1, {}, tell('a'));
  run();
  works->post_intent(1, {}, tell('c'));
  works->post(
      [](ledger::store& s) {
        ledger::verdict back;
        back.state = job_state::pending;
        s.finish(1, back);
      },
      tell('b'));
  BOOST_TEST(run()[job_state::sending] == 1U);
  BOOST_TEST(told == "abc");
}

BOOST_FIXTURE_TEST_CASE(outcomes_share_a_commit_and_go_before_the_next_intent_and_what_puts_jobs_back, gathering) {
  works->post_intent(1, {}, tell('a'));
  works->post_intent(2, {}, tell('b'));
  run();
  const auto before = writer->commits();
  ledger::verdict back, refused;
  back.state = job_state::pending;
  refused.state = job_state::rejected;
  works->post_intent(1, {}, tell('f'));
  works->post([](ledger::store& s) { s.put_back(std::vector<std::int64_t>{2}); }, tell('e'));
  works->post_outcome(2, refused, tell('c'));
  works->post_outcome(1, back, tell('d'));
  io.run();
  writer->pump();
  BOOST_TEST(writer->commits() == before + 1);
  io.restart();
  const auto counts = run();
  BOOST_TEST(counts[job_state::sending] == 1U);
  BOOST_TEST(counts[job_state::pending] == 1U);
  BOOST_TEST(told == "abcdef");
}

BOOST_FIXTURE_TEST_CASE(an_outcome_that_is_not_kept_is_told_so, gathering) {
  works->post_outcome(1, {}, tell('a')); // it was not sent
  io.run();
  writer->pump();
  io.restart();
  io.run();
  BOOST_TEST(told == "!");
}

BOOST_FIXTURE_TEST_CASE(an_intent_that_is_not_kept_is_told_so, gathering) {
  works->post_intent(1, {}, tell('a'));
  works->post_intent(3, {}, tell('b')); // which is not there
  io.run();
  writer->pump();
  io.restart();
  io.run();
  BOOST_TEST(told == "!!");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::submit
