#define BOOST_TEST_DYN_LINK
#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/http.hpp>
#include <mcbatch/core/job.hpp>
#include <mcbatch/core/outcome.hpp>
#include <mcbatch/core/random.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace mcbatch;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(vocabulary)

BOOST_AUTO_TEST_CASE(a_job_key_reads_back_from_its_digits_and_from_nothing_else) {
  job_key key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i)
    key.bytes[i] = static_cast<unsigned char>(i * 17);
  const auto text = to_hex(key);
  BOOST_TEST(text == "00112233445566778899aabbccddeeff");
  BOOST_TEST((job_key_from_hex(text) == key));
  for (const std::string bad : {"", "00", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeefff",
                                "00112233445566778899AABBCCDDEEFF", "0011223344556677 899aabbccddeeff"})
    BOOST_TEST(!job_key_from_hex(bad), bad);
}

BOOST_AUTO_TEST_CASE(states_have_names_of_their_own_and_numbers_that_stay) {
  std::set<std::string_view> names;
  for (const auto s : all_job_states) {
    names.insert(to_string(s));
    BOOST_TEST((job_state_from_string(to_string(s)) == s));
  }
  BOOST_TEST(names.size() == all_job_states.size());
  BOOST_TEST(!job_state_from_string("done"));
  // Ledgers hold them.
  const job_state in_order[] = {job_state::pending,  job_state::sending, job_state::submitted, job_state::rejected,
                                job_state::in_doubt, job_state::invalid, job_state::expired};
  for (std::size_t i = 0; i < std::size(in_order); ++i)
    BOOST_TEST(static_cast<std::size_t>(in_order[i]) == i);
}

BOOST_AUTO_TEST_CASE(a_conversion_s_states_bear_the_service_s_words_and_numbers_that_stay) {
  const std::string_view words[] = {"pending", "processing", "completed", "failed", "cancelled"};
  for (std::size_t i = 0; i < std::size(words); ++i) {
    const auto state = conversion_state_from_string(words[i]);
    BOOST_REQUIRE(state.has_value());
    BOOST_TEST(static_cast<std::size_t>(*state) == i); // ledgers hold them
    BOOST_TEST(to_string(*state) == words[i]);
    BOOST_TEST(is_final(*state) == (i >= 2));
  }
  BOOST_TEST(std::size(words) == all_conversion_states.size());
  BOOST_TEST(!conversion_state_from_string("done"));
}

BOOST_AUTO_TEST_CASE(header_names_ignore_case_and_the_first_counts) {
  headers h;
  h.add("Retry-After", "1");
  h.add("retry-after", "2");
  BOOST_TEST(h.find("RETRY-AFTER").value_or("none") == "1");
  BOOST_TEST(!h.find("Retry-Afte").has_value());
}

BOOST_AUTO_TEST_CASE(chance_stays_in_its_bounds_and_comes_again_from_its_seed) {
  random_source one(7), two(7);
  for (int i = 0; i < 1000; ++i) {
    const auto d = one.up_to(1s);
    BOOST_TEST((d >= 0s && d <= 1s));
    BOOST_TEST((d == two.up_to(1s)));
  }
  BOOST_TEST((one.up_to(0s) == 0s));
  BOOST_TEST((one.up_to(-1s) == 0s));
}

BOOST_AUTO_TEST_SUITE_END()
