#include <mcbatch/core/key_hash.hpp>

#include <boost/test/unit_test.hpp>

using namespace mcbatch;

BOOST_AUTO_TEST_SUITE(key_hash_suite)

BOOST_AUTO_TEST_CASE(a_key_is_the_first_half_of_a_sha_256) {
  // FIPS 180-4's example "abc"
  BOOST_TEST(to_hex(key_hash().of({"abc"})) == "ba7816bf8f01cfea414140de5dae2223");
}

BOOST_AUTO_TEST_CASE(parts_are_hashed_as_one_and_nothing_stays_for_the_next) {
  key_hash hash;
  const auto whole = hash.of({"abc"});
  BOOST_TEST(to_hex(hash.of({"a", "", "bc"})) == to_hex(whole));
  BOOST_TEST(to_hex(hash.of({})) == "e3b0c44298fc1c149afbf4c8996fb924"); // printf '' | sha256sum
}

BOOST_AUTO_TEST_SUITE_END()
