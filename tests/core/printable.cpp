// What a terminal would act upon, and what of a text is secret.
#include <mcbatch/core/printable.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace mcbatch;

BOOST_AUTO_TEST_SUITE(core_printable)

BOOST_AUTO_TEST_CASE(what_acts_and_does_not_show_is_written_out) {
  struct row {
    std::string text;
    const char* shown;
  };
  const row rows[] = {
      {"", ""},
      {"a b, caf\xc3\xa9 \xf0\x9f\x98\x80 \\n", "a b, caf\xc3\xa9 \xf0\x9f\x98\x80 \\n"},
      {"two\r\nlines\t", "two\\r\\nlines\\t"},
      {"\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"},
      {std::string("\0\x7f", 2), "\\x00\\x7f"},
      {"\xc2\x9b"
       "31m\xc2\x85",
       "\\u009b31m\\u0085"}, // C1: CSI and NEL
      {"\xe2\x80\xae"
       "exe.\xe2\x81\xa6\xd8\x9c",
       "\\u202eexe.\\u2066\\u061c"},                                                      // bidi
      {"\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"},                                     // separators
      {"\xe2\x80\x8b\xef\xbb\xbf", "\\u200b\\ufeff"},                                     // no room
      {"\xf3\xa0\x80\x81", "\\ue0001"},                                                   // a tag
      {"\xff\xc0\xaf\xed\xa0\x80 \xe2\x80", "\\xff\\xc0\\xaf\\xed\\xa0\\x80 \\xe2\\x80"}, // no UTF-8
  };
  for (const auto& [text, shown] : rows) {
    BOOST_TEST(printable(text) == shown);
    BOOST_TEST(printable(printable(text)) == shown);
  }
}

BOOST_AUTO_TEST_CASE(json_keeps_what_it_means) {
  BOOST_TEST(printable_json(R"({"a":"caf)"
                            "\xc3\xa9\\n\"}") == R"({"a":"caf)"
                                                 "\xc3\xa9\\n\"}");
  BOOST_TEST(printable_json("\"\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81\"") == R"("\u007f\u009b\u202e\udb40\udc01")");
}

BOOST_AUTO_TEST_SUITE_END()
