#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "ledger/due_jobs.hpp"

#include <vector>

namespace mcbatch::ledger {
namespace {

using namespace std::chrono_literals;

wall_time at(std::int64_t seconds) {
  return wall_time(std::chrono::seconds(seconds));
}

std::vector<std::int64_t> take_all(due_jobs& due, fetch_order order) {
  std::vector<std::int64_t> ids;
  while (const auto id = due.take(order))
    ids.push_back(*id);
  return ids;
}

using ids = std::vector<std::int64_t>;
constexpr auto manifest = fetch_order::manifest;
constexpr auto soonest = fetch_order::soonest_to_expire;

} // namespace

BOOST_AUTO_TEST_SUITE(due_jobs_suite)

BOOST_AUTO_TEST_CASE(by_id_or_by_end_and_those_without_an_end_last) {
  for (const auto order : {manifest, soonest}) {
    due_jobs due;
    due.insert(1, {});
    due.insert(2, at(300));
    due.insert(3, at(100));
    due.insert(4, {});
    due.insert(5, at(300));
    due.insert(6, at(5'000'000'000)); // beyond 2106, and far beyond all others
    due.insert(7, at(4'000'000'000));
    BOOST_TEST(due.any_ends());
    BOOST_TEST(take_all(due, order) == (order == manifest ? ids{1, 2, 3, 4, 5, 6, 7} : ids{3, 2, 5, 7, 6, 1, 4}));
    BOOST_TEST(!due.any_ends());
  }
}

BOOST_AUTO_TEST_CASE(what_comes_or_returns_later_finds_its_place) {
  due_jobs due;
  for (const std::int64_t id : {1, 2, 3})
    due.insert(id, at(100 * id));
  BOOST_TEST(due.take(soonest).value() == 1);
  due.insert(9, at(150));
  BOOST_TEST(due.take(soonest).value() == 9);
  due.put_back(1);
  BOOST_TEST(due.take(soonest).value() == 1);
  BOOST_TEST(due.take(manifest).value() == 2);
  due.put_back(9);
  BOOST_TEST(take_all(due, soonest) == (ids{9, 3}));
}

BOOST_AUTO_TEST_CASE(more_than_one_pass_finds_are_taken_in_order) {
  constexpr std::int64_t jobs = 200'000;
  due_jobs due;
  for (std::int64_t id = 0; id < jobs; ++id)
    due.insert(id, at(1 + id * 77'777 % jobs)); // each end once
  std::int64_t taken = 0;
  while (const auto id = due.take(soonest))
    if (*id * 77'777 % jobs != taken++) break;
  BOOST_TEST(taken == jobs);
}

BOOST_AUTO_TEST_CASE(each_is_visited_from_the_lowest_with_its_end) {
  due_jobs due;
  due.insert(70, at(5) + 900ms);
  due.insert(3, {});
  due.insert(64, at(7));
  due.take(soonest);
  std::vector<std::optional<wall_time>> seen;
  due.for_each([&](std::optional<wall_time> end) { seen.push_back(end); });
  BOOST_TEST((seen == std::vector<std::optional<wall_time>>{std::nullopt, at(7)}));
  due.put_back(70);
  seen.clear();
  due.for_each([&](std::optional<wall_time> end) { seen.push_back(end); });
  BOOST_TEST((seen == std::vector<std::optional<wall_time>>{std::nullopt, at(7), at(5)}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger
