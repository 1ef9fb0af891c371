#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "support.hpp"

#include <atomic>
#include <future>
#include <thread>

namespace mcbatch::ledger::test {
namespace {

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";

  [[nodiscard]] std::unique_ptr<writer> start(writer::mode mode) const {
    return writer::start(open_store(path), mode, here);
  }
};

writer::work import_of(std::uint64_t n) {
  return [n](store& s) { s.import({key_of(n), key_of(n), "{}", s.manifest("a.jsonl"), n}); };
}

void nothing(store&) {}

void must_succeed(const result<void>& r) {
  BOOST_TEST(r.has_value());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(writers, ledger_fixture)

BOOST_AUTO_TEST_CASE(what_waits_shares_one_commit) {
  const auto w = start(writer::mode::manual);
  std::size_t done = 0;
  for (std::uint64_t n = 1; n <= 100; ++n)
    w->post(import_of(n), [&](const result<void>& r) { done += r.has_value() ? 1u : 0u; });
  BOOST_TEST(done == 0u);
  BOOST_TEST(w->pump());
  BOOST_TEST(done == 100u);
  BOOST_TEST(w->commits() == 1u);
  BOOST_TEST(!w->pump());
  BOOST_TEST(w->commits() == 1u);
  must(w->close());
}

BOOST_AUTO_TEST_CASE(nobody_is_told_before_the_commit) {
  const auto w = start(writer::mode::manual);
  auto r = must(reading::open(path));
  std::uint64_t seen_during = 1;
  std::uint64_t seen_when_told = 0;
  w->post(
      [&](store& s) {
        import_of(1)(s);
        seen_during = must(r.counts()).total();
      },
      [&](const result<void>&) { seen_when_told = must(r.counts()).total(); });
  w->pump();
  BOOST_TEST(seen_during == 0u);
  BOOST_TEST(seen_when_told == 1u);
}

BOOST_AUTO_TEST_CASE(a_batch_is_bounded_and_intents_go_before_imports) {
  const auto w = start(writer::mode::manual);
  std::string order;
  const auto note = [&](char c) { return [&order, c](store&) { order += c; }; };
  constexpr std::size_t large = std::size_t{1} << 20;
  for (const char c : {'a', 'b'})
    w->post_bounded(large, note(c), must_succeed);
  w->post(note('1'), must_succeed);
  w->post(note('2'), must_succeed);
  w->pump();
  BOOST_TEST(order == "12a");
  w->post(note('3'), must_succeed);
  w->pump();
  BOOST_TEST(order == "12a3b");
  for (int i = 0; i < 5000; ++i)
    w->post(note('.'), must_succeed);
  order.clear();
  w->pump();
  BOOST_TEST(order.size() < 5000u);
  must(w->close());
  BOOST_TEST(order.size() == 5000u);
}

BOOST_AUTO_TEST_CASE(those_of_one_commit_are_told_together_where_completions_belong) {
  std::vector<std::function<void()>> handed_over;
  const auto w = writer::start(open_store(path), writer::mode::manual,
                               [&](std::function<void()> f) { handed_over.push_back(std::move(f)); });
  int told = 0;
  for (std::uint64_t n = 1; n <= 3; ++n)
    w->post(import_of(n), [&](const result<void>&) { ++told; });
  w->pump();
  BOOST_TEST(told == 0);
  BOOST_TEST_REQUIRE(handed_over.size() == 1u);
  handed_over.front()();
  BOOST_TEST(told == 3);
}

BOOST_AUTO_TEST_CASE(a_work_is_destroyed_on_the_writer_s_side_and_its_completion_where_it_was_told) {
  std::vector<std::function<void()>> handed_over;
  const auto w = writer::start(open_store(path), writer::mode::manual,
                               [&](std::function<void()> f) { handed_over.push_back(std::move(f)); });
  auto large = std::make_shared<int>(1), told = std::make_shared<int>(2);
  w->post([large](store&) {}, [told](const result<void>&) {});
  w->pump();
  BOOST_TEST(large.use_count() == 1);
  BOOST_TEST(told.use_count() == 2);
  handed_over.clear();
  BOOST_TEST(told.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_work_that_never_ran_is_destroyed_before_anyone_is_told) {
  const auto w = start(writer::mode::manual);
  const auto held = std::make_shared<int>(1);
  bool gone = false;
  w->post([](store& s) { s.begin(99, noon); }, [](const result<void>&) {});
  w->post([held](store&) {}, [&](const result<void>&) { gone = held.use_count() == 1; });
  w->pump();
  BOOST_TEST(gone);
  BOOST_TEST(w->run([held](store&) {}).has_error());
  BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(all_are_told_whatever_one_of_them_throws) {
  const auto w = start(writer::mode::manual);
  bool told = false;
  w->post(nothing, [](const result<void>&) { throw std::runtime_error("full"); });
  w->post(nothing, [&](const result<void>&) { told = true; });
  BOOST_CHECK_THROW(w->pump(), std::runtime_error);
  BOOST_TEST(told);
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_work_needs_no_completions) {
  const auto lost = [](const std::function<void()>&) {};
  for (const auto mode : {writer::mode::manual, writer::mode::threaded}) {
    const auto w = writer::start(open_store(path), mode, lost);
    must(w->run(import_of(1)));
    BOOST_TEST(w->run([](store& s) { s.begin(99, noon); }).has_error());
    BOOST_TEST(w->run(nothing).has_error()); // the first failure is the last
    static_cast<void>(w->close());
    BOOST_TEST((w->run(nothing).error().code == errc::stopped));
  }
}

BOOST_AUTO_TEST_CASE(posts_of_many_threads_are_all_done_and_durable) {
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t each = 300;
  std::atomic<std::uint64_t> done = 0;
  {
    const auto w = start(writer::mode::threaded);
    std::vector<std::thread> posters;
    for (std::uint64_t t = 0; t < threads; ++t)
      posters.emplace_back([&, t] {
        for (std::uint64_t n = 0; n < each; ++n) {
          const auto count = [&](const result<void>& r) { done += r.has_value() ? 1u : 0u; };
          if (t % 2 == 0)
            w->post(import_of(t * each + n), count);
          else
            w->post_bounded(std::size_t{1} << 18, import_of(t * each + n), count);
        }
      });
    for (auto& p : posters)
      p.join();
    must(w->close());
    BOOST_TEST(w->commits() < threads * each);
  }
  BOOST_TEST(done == threads * each);
  BOOST_TEST(must(must(reading::open(path)).counts()).total() == threads * each);
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_too_fast_waits_and_close_lets_it_go) {
  const auto w = start(writer::mode::threaded);
  std::promise<void> writer_is_busy;
  std::promise<void> go_on;
  w->post(
      [&](store&) {
        writer_is_busy.set_value();
        go_on.get_future().wait();
      },
      must_succeed);
  writer_is_busy.get_future().wait();
  std::atomic<std::size_t> accepted = 0;
  constexpr std::size_t tries = 1000;
  std::thread reader([&] {
    for (std::size_t i = 0; i < tries; ++i) {
      if (!w->post_bounded(std::size_t{1} << 20, nothing, [](const result<void>&) {})) return;
      ++accepted;
    }
  });
  std::thread closer([&] { must_succeed(w->close()); });
  reader.join(); // while the writer is still busy: the reader was let go, not served
  BOOST_TEST(accepted < tries);
  go_on.set_value();
  closer.join();
}

BOOST_AUTO_TEST_CASE(a_failed_work_undoes_its_batch_and_ends_all_writing) {
  std::vector<std::string> told;
  {
    const auto w = start(writer::mode::manual);
    const auto note = [&](const result<void>& r) { told.push_back(r ? "done" : r.error().what); };
    w->post(import_of(1), note);
    w->pump();
    w->post(import_of(2), note);
    w->post([](store& s) { s.begin(99, noon); }, note);
    w->pump();
    w->post(import_of(3), note);
    BOOST_TEST(!w->post_bounded(1, import_of(4), note));
    w->pump();
    BOOST_TEST(w->close().has_error());
    w->post(import_of(5), note);
  }
  BOOST_TEST_REQUIRE(told.size() == 5u);
  BOOST_TEST(told[0] == "done");
  BOOST_TEST(told[1].find("job 99") != std::string::npos);
  BOOST_TEST(told[2] == told[1]);
  BOOST_TEST(told[3] == told[1]);
  BOOST_TEST(told[4].find("closed") != std::string::npos);
  BOOST_TEST((only_record(path).key == key_of(1)));
}

BOOST_AUTO_TEST_CASE(a_closed_writer_is_done_and_says_so) {
  const auto w = start(writer::mode::threaded);
  std::atomic<int> done = 0;
  for (std::uint64_t n = 1; n <= 50; ++n)
    w->post(import_of(n), [&](const result<void>& r) { done += r.has_value() ? 1 : 0; });
  must(w->close());
  must(w->close());
  BOOST_TEST(done == 50);
  BOOST_TEST(must(reading::open(path)).being_written()); // held until the writer goes
  errc late = errc::usage;
  w->post(nothing, [&](const result<void>& r) { late = r.error().code; });
  BOOST_TEST(late == errc::stopped);
  BOOST_TEST(!w->post_bounded(1, nothing, must_succeed));
}

BOOST_AUTO_TEST_CASE(a_writer_that_is_dropped_leaves_what_a_crash_leaves) {
  {
    const auto w = start(writer::mode::manual);
    w->post(import_of(1), must_succeed);
    w->post([](store& s) { s.begin(s.fetch(1).at(0).id, noon); }, must_succeed);
    w->pump();
    w->post(import_of(2), [](const result<void>&) { BOOST_ERROR("told of what was not done"); });
  }
  const auto s = open_store(path);
  BOOST_TEST(s.recovered() == 1u);
  BOOST_TEST(s.counts().total() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
