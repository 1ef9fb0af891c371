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

BOOST_AUTO_TEST_CASE(a_record_of_csv_that_is_too_long_goes_as_a_whole) {
  const std::string header = "input_url,output_url,job_type,input_format,output_format,x\n";
  const std::string row = "s3://in/a,s3://out/a,video,mp4,webm,";
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += "line " + std::to_string(i) + '\n';
  const struct {
    std::string rows;
    std::string_view outline;
    std::string_view says;
  } table[] = {
      // It ends within what was read, and no line of it is taken for a row.
      {row + '"' + lines.substr(0, 262) + "\"\n" + row + "\n", "2 bad | 37 ok", "longer than 1 MiB"},
      // Its quote does not close within what an entry may have: it is taken for one that does not close.
      {row + '"' + lines.substr(0, 400) + '\n' + row + "\n", "2 bad | 3 bad", "does not close within 1 MiB"},
      {row + "\"open" + std::string(500, 'x') + "\n" + row + "\n", "2 bad | 3 ok", "longer than 1 MiB"},
      {row + "\"a\nb\"\n" + row + std::string(500, 'x') + "\n" + row + "\n", "2 ok | 4 bad | 5 ok",
       "longer than 1 MiB"},
  };
  for (const auto& t : table)
    for (const std::size_t block : {1U, 7U, 64U, 4096U}) {
      const auto all = read_all(header + t.rows, {}, {.block = block, .entry = 300});
      BOOST_TEST(all.outline().starts_with(t.outline), t.rows << " by " << block << " gives " << all.outline());
      for (const auto& i : all.items)
        if (const auto* bad = std::get_if<bad_entry>(&i)) {
          BOOST_TEST(bad->problems[0].message.find(t.says) != std::string::npos, bad->problems[0].message);
          break;
        }
    }
  BOOST_TEST(read_all(header.substr(0, 58) + std::string(300, 'y') + "\n" + row + "\n", {}, {.entry = 300})
                 .broken->what.find("its header is longer than 1 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_of_nothing_but_bad_entries_is_given_up) {
  const limits few{.bad_in_a_row = 100 * 1024};
  std::string bad;
  for (int i = 0; i < 99; ++i)
    bad += "x\n";
  // A good entry among them, and reading goes on.
  const auto twice = read_all(bad + job() + "\n" + bad + job(), {.format = format::jsonl}, few);
  BOOST_TEST(twice.items.size() == 200u);
  BOOST_TEST(!twice.broken.has_value());
  const auto more = read_all(job() + "\n" + bad + bad + job(), {.format = format::jsonl}, few);
  BOOST_TEST(more.items.size() == 100u);
  BOOST_TEST_REQUIRE(more.broken.has_value());
  BOOST_TEST((more.broken->code == errc::unusable_input));
  BOOST_TEST(more.broken->what.find("line 101: none of the last 100 entries is a valid job; the rest cannot be read") !=
                 std::string::npos,
             more.broken->what);
  // Long ones are fewer.
  BOOST_TEST(read_all(std::string(60 * 1024, 'x') + "\n" + std::string(60 * 1024, 'x') + "\n" + job(),
                      {.format = format::jsonl}, few)
                 .outline() == "1 bad | broken");
}

BOOST_AUTO_TEST_CASE(a_stop_is_heard_where_no_entry_comes) {
  for (const auto& text : {std::string(100'000, 'x'), std::string(100'000, '\n'), '{' + std::string(100'000, ' ')}) {
    const temporary_file file(gzipped(job() + "\n" + text));
    int blocks = 0;
    auto opened =
        reader::open(file.path(), {.stop_asked = [&] { return ++blocks > 20; }}, {.block = 512, .entry = 600});
    BOOST_TEST_REQUIRE(opened.has_value());
    BOOST_TEST(opened->next().has_value());
    const auto stopped = opened->next();
    BOOST_TEST_REQUIRE(stopped.has_error());
    BOOST_TEST((stopped.error().code == errc::stopped));
    BOOST_TEST(blocks == 21);
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
