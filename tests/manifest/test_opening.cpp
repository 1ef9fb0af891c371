#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace mcbatch::manifest::test {
namespace {

bool mentions(const std::optional<failure>& f, std::string_view text) {
  return f && f->what.find(text) != std::string::npos;
}

const std::string header = "input_url,output_url,job_type,input_format,output_format\n";
const std::string row = "s3://in/a,s3://out/a,video,mp4,webm\n";

} // namespace

BOOST_AUTO_TEST_SUITE(opening)

BOOST_AUTO_TEST_CASE(automatic_goes_by_content) {
  const std::string bom = "\xef\xbb\xbf";
  const struct {
    std::string content;
    std::string outline;
  } table[] = {
      {job() + '\n', "1 ok"},
      {job(), "1 ok"},
      {bom + job(), "1 ok"},
      {"\n \r\n" + job(), "3 ok"},
      {"[" + job() + "]", "1 ok"},
      {bom + "\n\n[" + job() + "]", "3 ok"},
      {header + row, "2 ok"},
      {bom + header + row, "2 ok"},
      {"\n" + header + row, "3 ok"},
      {"output_url,x:json\na,1", "2 bad input_url,output_url,job_type,input_format,output_format"},
      {"", ""},
      {bom, ""},
      {" \r\n\t\n", ""},
      {"[]", ""},
      {header, ""},
  };
  for (const auto& t : table)
    BOOST_TEST(read_all(t.content).outline() == t.outline, t.content);
}

BOOST_AUTO_TEST_CASE(what_is_no_manifest_is_refused_as_a_whole) {
  using namespace std::string_literals;
  const std::string contents[] = {"hello\n", "a,b,c\n1,2,3\n", "\"input_url", "\x7f\x45LF\0\0"s, "i\0n\0"s, "\0"s,
                                  "123"};
  for (const auto& content : contents) {
    const auto all = read_all(content);
    BOOST_TEST_REQUIRE(all.broken.has_value(), content);
    BOOST_TEST((all.broken->code == errc::unusable_input), content);
    BOOST_TEST(mentions(all.broken, "is no manifest"), all.broken->what);
    BOOST_TEST(all.items.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_format_that_is_asked_for_is_not_guessed) {
  BOOST_TEST(read_all(header + row, {.format = format::jsonl}).outline() == "1 bad | 2 bad");
  BOOST_TEST(mentions(read_all(job(), {.format = format::json}).broken, "expected a JSON array"));
  BOOST_TEST(mentions(read_all("a,b\n1,2", {.format = format::csv}).broken, "names none of input_url"));
  BOOST_TEST(read_all("", {.format = format::csv}).outline() == "");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_opened_is_named) {
  const temporary_file file("");
  const auto missing = file.path() + ".none";
  const auto folder = std::filesystem::path(file.path()).parent_path().string();
  const struct {
    std::string path;
    int error;
  } table[] = {{missing, ENOENT}, {folder, EISDIR}};
  for (const auto& t : table) {
    const auto opened = reader::open(t.path, {});
    BOOST_TEST_REQUIRE(opened.has_error());
    BOOST_TEST((opened.error().code == errc::cannot_open));
    BOOST_TEST(mentions(opened.error(), t.path));
    BOOST_TEST(mentions(opened.error(), std::strerror(t.error)));
  }
}

BOOST_AUTO_TEST_CASE(a_dash_is_standard_input) {
  const temporary_file file(job() + "\n{");
  const int saved = ::dup(STDIN_FILENO);
  const int fd = ::open(file.path().c_str(), O_RDONLY);
  BOOST_REQUIRE(saved >= 0 && fd >= 0);
  ::dup2(fd, STDIN_FILENO);
  {
    auto opened = reader::open("-", {});
    BOOST_TEST_REQUIRE(opened.has_value());
    auto first = opened->next();
    BOOST_TEST_REQUIRE(first.has_value());
    BOOST_TEST(std::holds_alternative<entry>(**first));
  }
  BOOST_TEST(::fcntl(STDIN_FILENO, F_GETFD) != -1); // it is not ours to close
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_default_given_twice_is_refused) {
  const temporary_file file(job());
  const auto opened = reader::open(file.path(), {.defaults = {{"a", "1"}, {"a", "2"}}});
  BOOST_TEST_REQUIRE(opened.has_error());
  BOOST_TEST((opened.error().code == errc::usage));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
