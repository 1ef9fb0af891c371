#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>

#include <sys/resource.h>

namespace mcbatch::manifest::test {
namespace {

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;

/// A valid entry of exactly `size` bytes.
std::string job_of_size(std::size_t size) {
  const auto frame = job(R"(,"x":"")");
  return job(",\"x\":\"" + std::string(size - frame.size(), 'x') + '"');
}

long peak_memory_in_kib() {
  rusage usage{};
  BOOST_REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
  return usage.ru_maxrss;
}

/// Writes `head`, then `mebibytes` of letters, then `tail`, without holding them.
void write_large(const std::string& path, const std::string& head, int mebibytes, const std::string& tail) {
  std::ofstream out(path, std::ios::binary);
  out << head;
  const std::string letters(mebibyte, 'x');
  for (int i = 0; i < mebibytes; ++i)
    out << letters;
  out << tail;
}

} // namespace

BOOST_AUTO_TEST_SUITE(size_limits)

BOOST_AUTO_TEST_CASE(an_entry_may_have_a_mebibyte_and_no_byte_more) {
  const auto most = job_of_size(mebibyte);
  const auto more = job_of_size(mebibyte + 1);
  BOOST_TEST(read_all(most + "\n" + more + "\n" + most).outline() == "1 ok | 2 bad | 3 ok");
  BOOST_TEST(read_all("[" + most + ",\n" + more + ",\n" + most + "]").outline() == "1 ok | 2 bad | 3 ok");
}

BOOST_AUTO_TEST_CASE(what_is_too_long_is_told_and_skipped) {
  const limits small{.block = 64, .entry = 300};
  const auto ok = job();
  const auto long_one = job_of_size(2000);
  const std::string header = "input_url,output_url,job_type,input_format,output_format,x\n";
  const std::string row = "s3://in/a,s3://out/a,video,mp4,webm,";
  const struct {
    std::string content;
    std::string_view outline;
  } table[] = {
      {ok + "\n" + long_one + "\n" + ok, "1 ok | 2 bad | 3 ok"},
      {ok + "\n" + long_one, "1 ok | 2 bad"},
      {"[" + ok + ",\n" + long_one + ",\n" + ok + "]", "1 ok | 2 bad | 3 ok"},
      {"[" + ok + ",\n" + long_one, "1 ok | 2 bad | broken"},
      {"[" + ok + ",\n" + long_one.substr(0, 1000), "1 ok | broken"},
      {"[" + ok + ",\n\"" + std::string(2000, ',') + "\",\n" + ok + "]", "1 ok | 2 bad | 3 ok"},
      {header + row + "\n" + row + std::string(2000, 'x') + "\n" + row + "\n", "2 ok | 3 bad | 4 ok"},
      {header + row + "\n" + row + '"' + std::string(2000, 'x') + "\"\n" + row + "\n", "2 ok | 3 bad | 4 ok"},
      {header + row + "\"open\n" + row + "\n" + row + std::string(500, 'x') + "\n" + row + "\n",
       "2 bad | 3 ok | 4 bad | 5 ok"},
  };
  for (const auto& t : table) {
    const auto all = read_all(t.content, {}, small);
    BOOST_TEST(all.outline() == t.outline, t.content);
  }
}

BOOST_AUTO_TEST_CASE(of_what_is_too_long_only_the_beginning_is_kept) {
  const auto more = job_of_size(mebibyte + 1);
  const auto all = read_all(more);
  BOOST_TEST(all.bad(0).problems[0].message.find("longer than 1 MiB") != std::string::npos);
  BOOST_TEST(all.bad(0).text.size() < mebibyte);
  BOOST_TEST(more.starts_with(all.bad(0).text));
}

BOOST_AUTO_TEST_CASE(a_huge_entry_does_not_take_memory, *boost::unit_test::label("memory")) {
  const struct {
    std::string head;
    std::string tail;
    std::string_view outline;
  } table[] = {
      {"", "\n" + job(), "1 bad | 2 ok"},
      {"[\"", "\",\n" + job() + "]", "1 bad | 2 ok"},
      {"input_url,x\ns3://b/a,\"", "\n1,2,3\n", "2 bad | 3 bad"},
  };
  for (const auto& t : table) {
    const temporary_file file("");
    write_large(file.path(), t.head, 100, t.tail);
    const auto before = peak_memory_in_kib();
    auto opened = reader::open(file.path(), {.format = t.head.empty() ? format::jsonl : format::automatic});
    BOOST_TEST_REQUIRE(opened.has_value());
    reading all;
    for (auto next = opened->next(); next.value(); next = opened->next())
      all.items.push_back(std::move(*next.value()));
    BOOST_TEST(all.outline() == t.outline);
    BOOST_TEST(peak_memory_in_kib() - before < 16 * 1024);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
