#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "child.hpp"
#include "support.hpp"

#include <mcbatch/ledger/lock.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

namespace mcbatch::ledger::test {
namespace {

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(locks, ledger_fixture)

BOOST_AUTO_TEST_CASE(another_process_is_named_and_its_death_frees_the_ledger) {
  child holder([&](child::signal& ready) {
    const auto lock = file_lock::acquire(path, duration::zero());
    ready.send();
    child::wait_to_be_killed();
  });
  holder.wait_until_ready();

  const auto refused = store::create_or_open(path, {});
  BOOST_TEST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == errc::locked);
  BOOST_TEST(refused.error().what.find("process " + std::to_string(holder.pid())) != std::string::npos);
  BOOST_TEST(refused.error().what.find(path.string()) != std::string::npos);
  BOOST_TEST(is_locked(path));

  holder.kill();
  BOOST_TEST(!is_locked(path));
  BOOST_TEST(store::create_or_open(path, {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_run_gives_up_no_sooner_than_it_was_told) {
  const auto held = must(file_lock::acquire(path, duration::zero()));
  constexpr std::chrono::milliseconds wait{150};
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(file_lock::acquire(path, wait).has_error());
  BOOST_TEST((std::chrono::steady_clock::now() - began >= wait));
}

BOOST_AUTO_TEST_CASE(a_run_that_waits_gets_the_ledger_when_it_is_free) {
  auto held = std::make_unique<file_lock>(must(file_lock::acquire(path, duration::zero())));
  result<file_lock> waited = failure{errc::stopped, ""};
  std::thread waiter([&] { waited = file_lock::acquire(path, std::chrono::minutes(1)); });
  held.reset();
  waiter.join();
  BOOST_TEST(waited.has_value());
}

BOOST_AUTO_TEST_CASE(a_ledger_has_one_lock_by_whatever_name) {
  must(open_store(path).close());
  std::filesystem::create_symlink(path, directory / "link");
  const auto s = open_store(path);
  BOOST_TEST(file_lock::acquire(directory / "link", duration::zero()).has_error());
}

BOOST_AUTO_TEST_CASE(a_lock_ends_with_its_store) {
  { const auto s = open_store(path); }
  BOOST_TEST(!is_locked(path));
  BOOST_TEST(file_lock::acquire(path, duration::zero()).has_value());
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_not_there_is_named) {
  const auto r = store::create_or_open(directory / "nowhere/batch.ledger", {});
  BOOST_TEST_REQUIRE(r.has_error());
  BOOST_TEST(r.error().code == errc::cannot_write);
  BOOST_TEST(r.error().what.find("nowhere/batch.ledger") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
