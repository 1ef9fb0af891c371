#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <zlib.h>
#include <zstd.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr long most_memory_kb = 100'000;

std::string entry_with(std::size_t n, const std::string& more) {
  auto text = entry_text(n);
  text.insert(text.size() - 1, more);
  return text;
}

std::string gzipped(std::string_view text) {
  z_stream stream{};
  BOOST_TEST_REQUIRE(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_TEST_REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string zstd_packed(std::string_view text) {
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  out.resize(::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

using packer = std::string (*)(std::string_view);

/// Writes a file that unpacks to `head`, `unit` so many `times`, and `tail`.
void write_bomb(const std::string& path, packer pack, const std::string& head, const std::string& unit, int times,
                const std::string& tail) {
  std::ofstream out(path, std::ios::binary);
  out << pack(head);
  const auto packed = pack(unit);
  for (int i = 0; i < times; ++i)
    out << packed;
  out << pack(tail);
}

constexpr std::size_t unit_bytes = std::size_t{16} * 1024 * 1024;

/// The bodies that the service accepted, as they came.
std::vector<std::string> bodies(const world& w) {
  std::vector<std::string> all;
  for (const auto& line : w.server().journal_lines()) {
    const auto at = line.find(",\"body\":");
    all.push_back(line.substr(at + 8, line.size() - at - 9));
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Bad entries, each on a line, and what is said of them.
const std::vector<std::pair<std::string, std::string>> bad_lines{
    {entry_with(90, ",\"a\":\"\xff\""), "not UTF-8"},
    {"\0\0\0"s, "not a JSON object"},
    {"\xef\xbb\xbf"s + entry_text(91), "byte order mark"},
    {entry_with(92, R"(,"a":"\ud800")"), "surrogate"},
    {entry_with(93, R"(,"a":1,"a":2)"), "stands twice"},
    {entry_with(94, ",\"a\":" + std::string(64, '[') + std::string(64, ']')), "64 deep"},
    {entry_text(95) + " trailing", "other text follows"},
    {entry_text(96) + entry_text(97), "other text follows"},
    {"{\"a\":\"open}", "not closed"},
    {"{\"a\":[1}", "not valid JSON"},
    {entry_with(98, ",\"a\":\"" + std::string(1 << 20, 'x') + "\""), "longer than 1 MiB"},
};

/// Good entries that must arrive as they stand.
const std::vector<std::string> odd_entries{
    entry_with(1, ",\"a\":18446744073709551616,\"b\":-1E+400,\"c\":0.10,\"d\":123456789012345678901234567890"),
    entry_with(2, ",\"a\":\"\xe2\x80\xa8\xe2\x80\xa9 \x7f\""),
    entry_with(3, R"(,"a":"\ud83d\ude00\u0000\/\b")"),
    entry_with(4, ",\"a\":" + std::string(60, '[') + std::string(60, ']')),
    entry_with(5, " , \"a b\" : { } \t"),
    entry_with(6, ",\"\":\"\",\"A\":1,\"a\":2"),
};

/// Runs `check` and `submit` on the world's manifest and holds that problems stand at those lines, in that order, with
/// those words, and that what is good arrives as it stands.
void expect(const world& w, const std::vector<std::pair<std::uint64_t, std::string>>& problems,
            std::vector<std::string> sent) {
  const auto check = w.run({"check", w.manifest(), "--json"});
  BOOST_TEST(check.code == 65, check.err);
  const auto told = check.json();
  BOOST_TEST(told["invalid"] == problems.size());
  BOOST_TEST(told["valid"] == sent.size());
  BOOST_TEST_REQUIRE(told["problems"].size() == problems.size());
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const auto message = told["problems"][i]["message"].get<std::string>();
    BOOST_TEST(told["problems"][i]["line"] == problems[i].first, message);
    BOOST_TEST(message.find(problems[i].second) != std::string::npos, message);
  }
  const auto submit = w.submit();
  BOOST_TEST(submit.code == 1, submit.err);
  BOOST_TEST(submit.json()["jobs"]["invalid"] == problems.size());
  BOOST_TEST(submit.json()["jobs"]["submitted"] == sent.size());
  BOOST_TEST(w.states()["invalid"] == problems.size());
  for (const auto& [line, words] : problems)
    BOOST_TEST(submit.err.find("m.jsonl line " + std::to_string(line) + ": ") != std::string::npos, line);
  std::sort(sent.begin(), sent.end());
  BOOST_TEST(bodies(w) == sent, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE(cli_bad_input)

BOOST_AUTO_TEST_CASE(each_bad_line_is_told_and_each_good_one_arrives_as_it_stands) {
  const world w;
  std::string text;
  std::vector<std::pair<std::uint64_t, std::string>> problems;
  std::uint64_t line = 0;
  for (std::size_t i = 0; i < bad_lines.size(); ++i) {
    text += bad_lines[i].first + "\r\n" + (i < odd_entries.size() ? odd_entries[i] + "\r\n" : "\n");
    problems.emplace_back(line + 1, bad_lines[i].second);
    line += 2;
  }
  write_file(w.manifest(), "{}\n" + text); // that the first line is JSON tells the format
  problems.insert(problems.begin(), {0, "is missing"});
  for (auto& p : problems)
    ++p.first;
  // Of the first line five fields are missing.
  const auto check = w.run({"check", w.manifest(), "--json"}).json();
  BOOST_TEST(check["invalid"] == problems.size());
  BOOST_TEST(check["problems"].size() == problems.size() + 4);
  write_file(w.manifest(), odd_entries[0] + "\n" + text);
  problems.erase(problems.begin());
  expect(w, problems, odd_entries);
}

BOOST_AUTO_TEST_CASE(csv_with_broken_rows) {
  const world w;
  const std::string row = "s3://in/a,s3://out/";
  const std::string rest = ",video,mov,mp4,";
  write_file(w.manifest(), "\xef\xbb\xbfinput_url,output_url,job_type,input_format,output_format,x,n:json\r\n" + row +
                               "1" + rest + "\"open,\r\n" + row + "2" + rest + "\"two\r\nlines\",1E+400\r\n" + row +
                               "3" + rest + "few\n" + row + "4" + rest + "a,1,many\n" + row + "5" + rest + "\xff,\n" +
                               row + "6" + rest + ",18446744073709551616\n" + row + "7" + rest + "\"" +
                               std::string(1 << 20, 'x') + "\",\n" + row + "8" + rest + "\xe2\x80\xa8,");
  const auto sent = [](const std::string& n, const std::string& more) {
    return R"({"input_url":"s3://in/a","output_url":"s3://out/)" + n +
           R"(","job_type":"video","input_format":"mov","output_format":"mp4")" + more + "}";
  };
  expect(w,
         {{2, "text follows the closing quote"}, // for the next one that is there closes it
          {5, "6 cells and the header 7"},
          {6, "8 cells and the header 7"},
          {7, "not UTF-8"},
          {9, "longer than 1 MiB"}},
         {sent("2", R"(,"x":"two\r\nlines","n":1E+400)"), sent("6", ",\"n\":18446744073709551616"),
          sent("8", ",\"x\":\"\xe2\x80\xa8\"")});
}

BOOST_AUTO_TEST_CASE(an_array_with_broken_entries) {
  const world w;
  write_file(w.manifest(), "[" + odd_entries[0] + ",1,{\"a\" 2}," + entry_text(7) + ",\n{\"a\":[1},\n" + entry_text(8) +
                               ",\n{\"a\":\"open},\n" + entry_text(9) + "]");
  expect(w, {{1, "entry 2 of"}, {1, "entry 3 of"}, {2, "entry 5 of"}, {4, "entry 7 of"}},
         {odd_entries[0], entry_text(7), entry_text(8), entry_text(9)});
  // Read again, they are the same.
  BOOST_TEST(w.submit().json()["jobs"]["invalid"] == 4);
  BOOST_TEST(w.states()["invalid"] == 4);
  write_file(w.manifest(), "[1,2," + entry_text(7) + "]");
  w.submit();
  BOOST_TEST(w.states()["invalid"] == 2);
}

BOOST_AUTO_TEST_CASE(compressed_files_that_are_cut_short_or_concatenated) {
  for (const packer pack : {gzipped, zstd_packed}) {
    const world w;
    write_file(w.manifest(), pack(entries(0, 3)) + pack("") + pack(entries(3, 5) + entry_text(5).substr(0, 20)) +
                                 pack(entry_text(5).substr(20)));
    BOOST_TEST(w.submit().code == 0);
    BOOST_TEST(w.accepted().size() == 6);

    const auto last = pack(entries(7, 9));
    write_file(w.manifest(), pack(entries(5, 7)) + last.substr(0, last.size() - 5));
    const auto check = w.run({"check", w.manifest()});
    BOOST_TEST(check.code == 65);
    BOOST_TEST(check.err.find("cut short") != std::string::npos, check.err);
    const auto run = w.submit();
    BOOST_TEST(run.code == 1);
    BOOST_TEST(run.err.find("cut short") != std::string::npos, run.err);
    BOOST_TEST(w.accepted().size() >= 7); // what came before the cut is good
  }
}

/// Constant memory, and the rest goes on.
BOOST_AUTO_TEST_CASE(a_line_of_100_mb, *boost::unit_test::label("memory")) {
  const world w;
  {
    std::ofstream out(w.manifest(), std::ios::binary);
    out << entry_text(1) << "\n{\"a\":\"";
    out.seekp(100'000'000, std::ios::cur); // zeros
    out << "\"}\n" << entry_text(2) << "\n";
  }
  const auto check = w.run({"check", w.manifest(), "--json"});
  BOOST_TEST(check.code == 65);
  BOOST_TEST(check.json()["valid"] == 2);
  BOOST_TEST(check.json()["problems"][0]["line"] == 2);
  BOOST_TEST(check.max_rss_kb < most_memory_kb);
  const auto run = w.submit();
  BOOST_TEST(run.code == 1, run.err);
  BOOST_TEST(w.accepted().size() == 2);
  BOOST_TEST(run.max_rss_kb < most_memory_kb);
  BOOST_TEST_MESSAGE("check " << check.max_rss_kb / 1024 << " MiB, submit " << run.max_rss_kb / 1024 << " MiB");
  BOOST_TEST(std::filesystem::file_size(w.ledger()) < 1'000'000); // of that line only the beginning is kept
}

BOOST_AUTO_TEST_CASE(a_decompression_bomb_of_one_line, *boost::unit_test::label("memory")) {
  for (const packer pack : {gzipped, zstd_packed}) {
    const world w;
    write_bomb(w.manifest(), pack, entry_text(1) + "\n", std::string(unit_bytes, '\0'), 32,
               "\n" + entry_text(2) + "\n");
    const auto run = w.submit();
    BOOST_TEST(run.code == 1, run.err);
    BOOST_TEST(w.accepted().size() == 2);
    BOOST_TEST(run.json()["jobs"]["invalid"] == 1);
    BOOST_TEST(run.err.find("line 2: the entry is longer than 1 MiB") != std::string::npos, run.err);
    BOOST_TEST(run.max_rss_kb < most_memory_kb);
    BOOST_TEST_MESSAGE(std::filesystem::file_size(w.manifest()) / 1000 << " kB unpack to 512 MiB in "
                                                                       << run.max_rss_kb / 1024 << " MiB of memory");
  }
}

/// Few bytes can say more bad entries than any disk holds records of.
BOOST_AUTO_TEST_CASE(a_decompression_bomb_of_bad_lines_is_given_up, *boost::unit_test::label("memory")) {
  const world w;
  std::string lines;
  while (lines.size() < unit_bytes)
    lines += "x\n";
  write_bomb(w.manifest(), zstd_packed, entry_text(1) + "\n", lines, 640, "");
  const auto check = w.run({"check", w.manifest(), "--json"});
  BOOST_TEST(check.code == 65);
  BOOST_TEST(check.err.find("none of the last 1047553 entries is a valid job") != std::string::npos, check.err);
  BOOST_TEST(check.json()["valid"] == 1);
  BOOST_TEST(check.json()["problems"].size() == 100);
  BOOST_TEST(check.max_rss_kb < most_memory_kb);
}

BOOST_AUTO_TEST_CASE(a_decompression_bomb_can_be_stopped_by_a_signal) {
  const world w;
  write_file(w.dir / "good", entry_text(1));
  // A terabyte: were it read to its end, the test would not live to see it.
  write_bomb(w.manifest(), zstd_packed, "{}\n", std::string(unit_bytes, '\0'), 65'536, "");
  auto run = w.start(
      {"submit", w.dir / "good", w.manifest(), "--ledger", w.ledger(), "--limit", "100/1s", "--summary", "json"});
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (w.accepted().empty() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(10ms); // until it is running
  run->signal(SIGINT);
  const auto e = run->wait();
  BOOST_TEST(e.code == 75, e.err);
  BOOST_TEST(e.json()["stop_reason"] == "signal");
  BOOST_TEST(e.json()["jobs"]["submitted"] == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
