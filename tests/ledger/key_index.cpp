#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "ledger/key_index.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace mcbatch::ledger {
namespace {

std::vector<job_key> some_keys(std::size_t n) {
  std::mt19937_64 random(7); // NOLINT: the keys should be the same in each run
  std::vector<job_key> keys(n);
  for (auto& key : keys) {
    const std::uint64_t halves[] = {random(), random()};
    static_assert(sizeof halves == sizeof key.bytes);
    std::memcpy(key.bytes.data(), halves, sizeof halves);
  }
  return keys;
}

/// The row of `key`, of rows that are places in `keys`.
std::optional<std::int64_t> row_of(key_index& index, const job_key& key, const std::vector<job_key>& keys) {
  std::optional<std::int64_t> found;
  const bool there = index.find(key, [&](std::int64_t row) {
    if (keys.at(static_cast<std::size_t>(row)) == key) found = row;
    return found.has_value();
  });
  BOOST_TEST(there == found.has_value());
  return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(index_of_keys)

BOOST_AUTO_TEST_CASE(a_key_has_its_row_wherever_it_is_kept) {
  constexpr std::size_t known = 20'000;
  const auto keys = some_keys(2 * known);
  std::vector<std::size_t> order(keys.size());
  for (std::size_t n = 0; n < order.size(); ++n)
    order[n] = n;
  std::ranges::shuffle(order, std::mt19937(7)); // NOLINT: likewise
  for (const std::size_t most : {std::size_t{0}, std::size_t{100}, std::size_t{9000}, known}) {
    BOOST_TEST_CONTEXT("with " << most << " in memory") {
      key_index index(most);
      std::size_t right = 0;
      for (std::size_t n = 0; n < known; ++n) {
        right += !row_of(index, keys[n], keys);
        index.add(keys[n], static_cast<std::int64_t>(n));
      }
      BOOST_TEST(right == known);
      for (const auto n : order)
        right += row_of(index, keys[n], keys) == (n < known ? std::optional(n) : std::nullopt);
      BOOST_TEST(right == known + keys.size());
    }
  }
}

/// So that whoever asks can tell which of them it is.
BOOST_AUTO_TEST_CASE(every_row_of_keys_that_begin_alike_is_told_though_it_was_moved) {
  for (const auto first : {0x00, 0x7f, 0x80, 0xff}) {
    job_key key;
    key.bytes.fill(static_cast<unsigned char>(first));
    key_index index(2);
    std::set<std::int64_t> added, told;
    const auto rows = {std::int64_t{UINT32_MAX}, std::int64_t{70'000}, std::int64_t{0}, std::int64_t{1}};
    for (const auto row : rows) {
      key.bytes.back() = static_cast<unsigned char>(row);
      index.add(key, row);
      added.insert(row);
    }
    BOOST_TEST(!index.find(key, [&](std::int64_t row) { return told.insert(row), false; }));
    BOOST_TEST(told == added, boost::test_tools::per_element());
    BOOST_TEST(index.find(key, [&](std::int64_t row) { return row == 70'000; }));
    key.bytes[3] ^= 1; // neighbours
    BOOST_TEST(!index.find(key, [](std::int64_t) { return true; }));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger
