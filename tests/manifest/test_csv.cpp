#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

namespace mcbatch::manifest::test {
namespace {

/// The columns that every job needs come first, so that rows may say `need` for their cells.
const std::string header = "input_url,output_url,job_type,input_format,output_format";
const std::string need = "s3://in/a.mp4,s3://out/a.webm,video,mp4,webm";

std::string with_column(const std::string& name, const std::string& cell) {
  return header + ',' + name + '\n' + need + ',' + cell + '\n';
}

} // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(a_row_becomes_an_object_in_column_order) {
  const struct {
    std::string column;
    std::string cell;
    std::string_view more;
  } table[] = {
      {"x", "a b ", R"(,"x":"a b ")"},
      {"x", "  ", R"(,"x":"  ")"},
      {"x", "", ""},
      {"x", R"("")", ""},
      {"x", R"("a,b")", R"(,"x":"a,b")"},
      {"x", R"("say ""hi""")", R"(,"x":"say \"hi\"")"},
      {"x", R"("""")", R"(,"x":"\"")"},
      {"x", "\"two\r\nlines\"", R"(,"x":"two\r\nlines")"},
      {"x", "back\\slash\t\x01", R"(,"x":"back\\slash\t\u0001")"},
      {"x", "\xc3\xa9\xe2\x80\xa8", ",\"x\":\"\xc3\xa9\xe2\x80\xa8\""},
      {"x", "12", R"(,"x":"12")"},
      {R"("a ""b""")", "1", R"(,"a \"b\"":"1")"},
      {"input_size_bytes", "1048576", R"(,"input_size_bytes":1048576)"},
      {"input_size_bytes", "", ""},
      {"options:json", R"("{""a"":[1,null]}")", R"(,"options":{"a":[1,null]})"},
      {"options:json", "1e400", R"(,"options":1e400)"},
      {"options:json", "", ""},
  };
  for (const auto& t : table)
    for (const std::size_t block : {1u, 3u, 4096u}) {
      const auto all = read_all(with_column(t.column, t.cell), {}, {.block = block});
      BOOST_TEST_REQUIRE(all.outline() == "2 ok", t.cell);
      BOOST_TEST(all.good(0).body == job(t.more));
      BOOST_TEST((all.good(0).key == read_one(job(t.more)).key));
    }
}

BOOST_AUTO_TEST_CASE(cells_that_are_not_what_their_column_says) {
  const struct {
    std::string column;
    std::string cell;
    std::string_view outline;
  } table[] = {
      {"input_size_bytes", "12 MB", "2 bad input_size_bytes"},
      {"input_size_bytes", "-1", "2 bad input_size_bytes"},
      {"input_size_bytes", "007", "2 bad input_size_bytes"},
      {"input_size_bytes", "1e3", "2 bad input_size_bytes"},
      {"options:json", "nope", "2 bad options"},
      {"options:json", R"("1,""evil"":2")", "2 bad options"},
      {"options:json", R"("1},{")", "2 bad options"},
      {"options:json", R"("{""a"":1,""a"":2}")", "2 bad options"},
      {"x", "\xff", "2 bad"},
  };
  for (const auto& t : table)
    BOOST_TEST(read_all(with_column(t.column, t.cell)).outline() == t.outline, t.cell);
}

BOOST_AUTO_TEST_CASE(two_bad_json_cells_do_not_make_a_good_one) {
  const auto all = read_all(header + ",a:json,b:json\n" + need + R"(,"{""x"":1","2}")" + '\n');
  BOOST_TEST(all.outline() == "2 bad a,b");
}

BOOST_AUTO_TEST_CASE(a_broken_row_spoils_no_other) {
  const std::string ok = need + ",x\n";
  const struct {
    std::string rows;
    std::string outline;
  } table[] = {
      {need + "\n" + ok, "2 bad | 3 ok"},
      {need + ",x,y\n" + ok, "2 bad | 3 ok"},
      {need + ",\"open\n" + ok + ok, "2 bad | 3 ok | 4 ok"},
      {need + ",\"a\nb\"" + "\n" + ok, "2 ok | 4 ok"},
      {"\"a\nb\",\"open\n" + ok, "3 bad | 4 ok"},
      {need + ",\"a\" b\n" + ok, "2 bad | 3 ok"},
      {need + ",a \"b\"\n" + ok, "2 bad | 3 ok"},
      {need + ",\"open\n" + need + ",\"x\"\n" + ok, "2 bad | 3 ok | 4 ok"},
      {need + ",\"a\"\r\r\n" + ok, "2 bad | 3 ok"},
      {"\n\r\n" + ok + "\r\n\n", "4 ok"},
      {need + ",x", "2 ok"},
      {need + ",x\r", "2 ok"},
      {need + ",\"x\"\r", "2 ok"},
      {need + ",", "2 ok"},
      {need + ",\"open", "2 bad"},
  };
  for (const auto& t : table)
    for (const std::size_t block : {1u, 2u, 5u, 4096u})
      BOOST_TEST(read_all(header + ",x\n" + t.rows, {}, {.block = block}).outline() == t.outline,
                 t.rows << " by " << block);
}

BOOST_AUTO_TEST_CASE(crlf_everywhere) {
  BOOST_TEST(
      read_all(header + "\r\n" + need + "\r\n\"" + need.substr(0, 13) + "\"" + need.substr(13) + "\r\n").outline() ==
      "2 ok | 3 ok");
}

BOOST_AUTO_TEST_CASE(a_wrong_number_of_cells_is_told_with_both_counts) {
  const auto all = read_all(header + "\na,b\n");
  BOOST_TEST(all.bad(0).problems[0].message == "the row has 2 cells and the header 5");
  BOOST_TEST(all.bad(0).text == "a,b\n");
}

BOOST_AUTO_TEST_CASE(a_header_that_cannot_be_used_is_refused) {
  const struct {
    std::string more;
    std::string_view says;
  } table[] = {
      {",a,a", "the column \"a\" twice"},
      {",a,a:json", "the column \"a\" twice"},
      {",input_url", "\"input_url\" twice"},
      {",", "column 6 of the header has no name"},
      {",:json", "column 6"},
      {",\"\"", "column 6"},
  };
  for (const auto& t : table) {
    const auto all = read_all(header + t.more + "\n");
    BOOST_TEST_REQUIRE(all.broken.has_value(), t.more);
    BOOST_TEST((all.broken->code == errc::unusable_input));
    BOOST_TEST(all.broken->what.find(t.says) != std::string::npos, all.broken->what);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
