#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

namespace mcbatch::manifest::test {

BOOST_AUTO_TEST_SUITE(json_array)

BOOST_AUTO_TEST_CASE(elements_separators_and_ends) {
  const struct {
    std::string content;
    std::string outline;
  } table[] = {
      {"[]", ""},
      {"[\n]\n\n", ""},
      {"[" + job() + "]", "1 ok"},
      {"[\n" + job() + ",\n\n" + job() + "\n]\n", "2 ok | 4 ok"},
      {"[" + job("\n,\n\"s\":\"],[}{\\\"\\\\\"") + "," + job() + "]", "1 ok | 3 ok"},
      {"[" + job() + "\n" + job() + "," + job() + "]", "1 ok | 2 bad | 2 ok"},
      {"[" + job() + job() + "]", "1 ok | 1 bad"},
      {"[" + job() + ",\n,\n" + job() + "]", "1 ok | 2 bad | 3 ok"},
      {"[,\n" + job() + "]", "1 bad | 2 ok"},
      {"[" + job() + ",\n]", "1 ok | 2 bad"},
      {"[1,\"a\",null,[],[{}],\n" + job() + "]", "1 bad | 1 bad | 1 bad | 1 bad | 1 bad | 2 ok"},
      {"[1 2]", "1 bad | 1 bad"},
      {"[}," + job() + "]", "1 bad | 1 ok"},
      {"[" + job() + "}, " + job() + "]", "1 ok | 1 bad | 1 ok"},
      {"[", "broken"},
      {"[" + job(), "1 ok | broken"},
      {"[" + job() + ",", "1 ok | broken"},
      {"[" + job() + ", {\"a\":", "1 ok | broken"},
      {"[" + job() + ", \"a]", "1 ok | broken"},
      {"[" + job() + ", 12", "1 ok | broken"},
      {"[" + job() + "] x", "1 ok | broken"},
      {"[" + job() + "][" + job() + "]", "1 ok | broken"},
  };
  for (const auto& t : table)
    for (const std::size_t block : {1u, 2u, 3u, 64u, 4096u})
      BOOST_TEST(read_all(t.content, {}, {.block = block}).outline() == t.outline, t.content << " by " << block);
}

BOOST_AUTO_TEST_CASE(a_broken_array_names_file_and_line) {
  const auto all = read_all("[\n" + job() + ",\n");
  BOOST_TEST((all.broken->code == errc::unusable_input));
  BOOST_TEST(all.broken->what.find("manifest, line 3: the array is broken off") != std::string::npos, all.broken->what);
  const auto more = read_all("[" + job() + "]\nx");
  BOOST_TEST(more.broken->what.find("line 2: there is trailing data after the array") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_body_is_the_element_without_space_around_it) {
  const auto element = "{\n  " + job().substr(1);
  BOOST_TEST(read_all("[ \n" + element + " \n]").good(0).body == element);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
