#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

#include <zlib.h>
#include <zstd.h>

#include <vector>

namespace mcbatch::manifest::test {
namespace {

using namespace std::string_literals;

const std::string header = "input_url,output_url,job_type,input_format,output_format,x\n";
const std::string row = "s3://in/a,s3://out/a,video,mp4,webm,";

/// A manifest and what becomes of it. Each bad one has good entries around what is bad.
struct manifest_case {
  std::string content;
  std::string outline;
  std::string says = {}; ///< a part of the first problem's message
};

void expect(const std::vector<manifest_case>& table, const options& opts = {}) {
  for (const auto& t : table)
    for (const std::size_t block : {1U, 3U, 4096U}) {
      const auto all = read_all(t.content, opts, {.block = block});
      BOOST_TEST(all.outline() == t.outline,
                 t.content << " by " << block << " gives " << all.outline() << ", not " << t.outline);
      if (t.says.empty()) continue;
      std::string said = all.broken ? all.broken->what : "";
      for (const auto& i : all.items)
        if (const auto* bad = std::get_if<bad_entry>(&i)) said += bad->problems[0].message;
      BOOST_TEST(said.find(t.says) != std::string::npos, t.content << " says " << said);
    }
}

/// A value in an entry, in each format, between good entries.
void expect_value(const std::string& json, const std::string& says) {
  const auto here = job(",\"a\":" + json);
  const bool ok = says.empty();
  const auto outcome = ok ? " ok"s : " bad"s;
  expect({{job() + "\n" + here + "\n" + job() + "\n", "1 ok | 2" + outcome + " | 3 ok", says},
          {"[" + job() + "," + here + "," + job() + "]", "1 ok | 1" + outcome + " | 1 ok", says}});
  if (ok) BOOST_TEST(read_one(here).body == here); // verbatim
}

/// Packs with members of gzip's header, or without compression.
std::string gzip_of_kind(std::string_view text, int level, gz_header* head) {
  z_stream stream{};
  BOOST_REQUIRE_EQUAL(::deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  if (head) BOOST_REQUIRE_EQUAL(::deflateSetHeader(&stream, head), Z_OK);
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE_EQUAL(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

/// Packs as a stream of unknown length, with `parameter` set.
std::string zstd_of_kind(std::string_view text, ZSTD_cParameter parameter, int value) {
  ZSTD_CCtx* context = ::ZSTD_createCCtx();
  ::ZSTD_CCtx_setParameter(context, parameter, value);
  std::string out(::ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer from{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  while (from.pos < from.size)
    BOOST_REQUIRE(!::ZSTD_isError(::ZSTD_compressStream2(context, &to, &from, ZSTD_e_continue)));
  BOOST_REQUIRE_EQUAL(::ZSTD_compressStream2(context, &to, &from, ZSTD_e_end), 0U);
  ::ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bad_input)

BOOST_AUTO_TEST_CASE(what_json_allows_is_sent_as_it_stands) {
  for (const auto* json : {"[]",
                           "[[]   ]",
                           "{}",
                           "{\"\":0}",
                           "{\"a\\u0000b\":1}",
                           "[null, 1, \"1\", {}]",
                           "0",
                           "-0",
                           "-0.0",
                           "0e1",
                           "0e+1",
                           "1E22",
                           "1E-2",
                           "123e45",
                           "123.456e78",
                           "-1",
                           "0.5",
                           "-123123123123123123123123123123",
                           "\"\"",
                           "\" \"",
                           R"("\"\\\/\b\f\n\r\t")",
                           R"("\u0060\u012a\u12AB")",
                           R"("\ud801\udc37")",
                           R"("\ud83d\ude39\ud83d\udc8d")",
                           R"("\u0000")",
                           R"("\uFFFF\uFDD0\uDBFF\uDFFE")",
                           R"("\\u0000\\n")",
                           "\"a/*b*/c/*d//e\"",
                           "\"\x7f\"",
                           "true",
                           "\t[1 ,\r2 ]",
                           "[\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"]",
                           "\"\xef\xbb\xbf\"",
                           "\"\xe2\x80\xae\xe2\x81\xa6right to left\xcc\xb6\""})
    expect_value(json, "");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_told_and_costs_its_own_entry_alone) {
  for (const auto* json : {"[1 true]",
                           "[a\xc3\xa5]",
                           "[\"\": 1]",
                           "[\"\"],",
                           "[,1]",
                           "[1,,2]",
                           "[\"x\"]]x",
                           "[1,]",
                           "[1:2]",
                           "[,]",
                           "[-]",
                           "[\"\",]",
                           "{[: \"x\"]",
                           "{\"x\", null}",
                           "{\"x\"::\"b\"}",
                           "{\"a\":\"a\" 123}",
                           "{key: 1}",
                           "{1:1}",
                           "{9999E9999:1}",
                           "{null:null}",
                           "{\"id\":0,,,,,}",
                           "{'a':0}",
                           "{\"id\":0,}",
                           "{\"a\" \"b\"}",
                           "{\"a\":\"b\"}/**/",
                           "{\"a\":\"b\"}#",
                           "-01",
                           "-1.0.",
                           "-2.",
                           "-NaN",
                           "-Infinity",
                           "Infinity",
                           "nan",
                           "+1",
                           "++1",
                           ".123",
                           "0.1.2",
                           "0.3e",
                           "0.3e+",
                           "0e",
                           "0E+",
                           "1.0e-",
                           "1 000",
                           "1eE2",
                           "2.e3",
                           "2.e+3",
                           "9.e+",
                           "\xef\xbc\x91",
                           "1+2",
                           "0x1",
                           "0x42",
                           "012",
                           "-012",
                           "1a",
                           "1ea",
                           "fals",
                           "nul",
                           "tru",
                           "True",
                           "<null>",
                           "<.>",
                           "[1}",
                           "{]",
                           "'single'",
                           "\\u000A\"\"",
                           "\"\\",
                           "\"x\\\"",
                           "abc",
                           "\xe2\x81\xa0",
                           "\x0c",
                           "*",
                           "1]",
                           "}",
                           "{\"a\":true} \"x\"",
                           "!",
                           "[\x0b\"a\"]"}) {
    const auto here = job(",\"a\":"s + json);
    expect({{job() + "\n" + here + "\n" + job() + "\n", "1 ok | 2 bad | 3 ok", "the entry"}});
  }
  expect_value(R"("\x00")", "escape");
  expect_value(R"("\a")", "escape");
  expect_value(R"("\uD800\u")", "escape");
  expect_value(R"("\u00A")", "escape");
  expect_value("\"new\x01line\"", "control character that is not escaped");
  expect_value("\"a\tb\"", "control character that is not escaped");
}

BOOST_AUTO_TEST_CASE(invalid_utf8) {
  for (const auto* bytes :
       {"\xff", "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfc\x83\xbf\xbf\xbf\xbf", "\xe9", "a\xc3"}) {
    const auto says = "not UTF-8"s;
    expect_value("\""s + bytes + "\"", says);
    expect({{job() + "\n{\"" + bytes + "\":1}\n" + job(), "1 ok | 2 bad | 3 ok", says},
            {job() + "\n" + bytes + "\n" + job(), "1 ok | 2 bad | 3 ok"},
            {header + row + "\n" + row + bytes + "\n" + row + "\n", "2 ok | 3 bad | 4 ok", says}});
  }
  // What is said of it can be shown.
  const auto said = read_all("input_url,\xff:json\na,b\n").bad(0).problems.back().message;
  BOOST_TEST(said.find('\xff') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(nul_bytes) {
  const auto nul = "\0"s;
  expect({{job() + "\n" + nul + nul + "\n" + job() + "\n", "1 ok | 2 bad | 3 ok", "not a JSON object"},
          {job() + "\n" + job(",\"a\":\"" + nul + "\"") + "\n" + job(), "1 ok | 2 bad | 3 ok", "not escaped"},
          {job() + "\n" + job() + nul + "\n" + job(), "1 ok | 2 bad | 3 ok"},
          {job() + "\n" + std::string(600, '\0'), "1 ok | 2 bad"}, // a file that a crash left
          {"[" + job() + "," + nul + ",\n" + job() + "]", "1 ok | 1 bad | 2 ok"},
          {header + row + "\n" + row + nul + "\n", "2 ok | 3 ok"}, // JSON can say it: \u0000
          {nul + job(), "broken", "UTF-16 or a binary file"}});
}

BOOST_AUTO_TEST_CASE(byte_order_marks) {
  const auto mark = "\xef\xbb\xbf"s;
  expect({{mark + job() + "\n" + job(), "1 ok | 2 ok"},
          {mark + "[" + job() + "]", "1 ok"},
          {mark + header + row + "\n", "2 ok"},
          {job() + "\n" + mark + job() + "\n" + job(), "1 ok | 2 bad | 3 ok",
           "byte order mark"}, // files behind each other
          {mark + mark + job(), "broken", "expected JSON Lines"},
          {"\xff\xfe{\0\"\0"s, "broken", "UTF-16"},
          {"\xfe\xff\0{\0\""s, "broken", "UTF-16"},
          {"{\0\"\0"s, "broken", "UTF-16"}});
}

BOOST_AUTO_TEST_CASE(line_ends) {
  expect({{job() + "\r\n\r\n" + job() + "\r\n{}x\r\n" + job(), "1 ok | 3 ok | 4 bad | 5 ok"},
          {"[\r\n" + job() + ",\r\n" + job() + "\r\n]\r\n", "2 ok | 3 ok"},
          {header + row + "\r\n" + row + "\r\n", "2 ok | 3 ok"},
          {job() + "\r" + job() + "\n" + job(), "1 bad | 2 ok", "other text follows"},
          // Old Macs ended lines so, and all of it would be the header.
          {"input_url,output_url\rs3://a,s3://b\r", "broken", "carriage return"}});
}

BOOST_AUTO_TEST_CASE(line_separators_of_unicode_end_no_line) {
  const auto separators = "\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\x0b\x0c"s; // U+2028, U+2029, U+0085, VT, FF
  expect_value("\"\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\"", "");
  expect({{header + row + separators + "\n" + row + "\n", "2 ok | 3 ok"},
          {job() + "\n\xe2\x80\xa8" + job() + "\n" + job(), "1 ok | 2 bad | 3 ok"}});
}

BOOST_AUTO_TEST_CASE(lone_surrogates) {
  for (const auto* json : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800\n")", R"("\udead")", R"("\ud888\u1234")",
                           R"("\udd1e\ud834")", R"("\ud800\udbff")", R"(["\uD834\u"])", R"({"\udbff":1})"})
    expect_value(json, "half of a surrogate pair");
}

BOOST_AUTO_TEST_CASE(duplicate_members) {
  for (const auto* again : {R"(,"a":1,"a":1)", R"(,"a":1,"\u0061":2)", R"(,"a":1,"b":2,"a":null)"})
    expect({{job() + "\n" + job(again) + "\n" + job(), "1 ok | 2 bad a | 3 ok", "\"a\" stands twice"}});
  expect_value(R"({"b":{"c":1,"d":{},"c":null}})", "\"c\" stands twice");
  expect_value(R"(1,"A":2,"a ":3)", "");
}

BOOST_AUTO_TEST_CASE(numbers_beyond_64_bits) {
  for (const auto* json :
       {"18446744073709551615", "18446744073709551616", "-9223372036854775809", "100000000000000000000", "1E+400",
        "-1e-999999999999", "0.4e00669999999999999999999999999999999999999999999999999", "123.456e-789",
        "0.1000000000000000055511151231257827021181583404541015625",
        "-237462374673276894279832749832423479823246327846"})
    expect_value(json, "");
  const auto huge = job(",\"input_size_bytes\":36893488147419103232");
  BOOST_TEST(read_one(huge).body == huge);
  BOOST_TEST((read_one(job(",\"a\":1")).key != read_one(job(",\"a\":1.0")).key)); // as written
}

BOOST_AUTO_TEST_CASE(depth) {
  const auto nested = [](const std::string& open, const std::string& close, std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i)
      text.insert(0, open).append(close);
    return text;
  };
  expect_value(nested("[", "]", 63), "");
  expect_value(nested("[", "]", 64), "64 deep");
  expect_value(nested("[", "]", 5000), "64 deep");
  expect_value(nested("[{\"a\":", "}]", 500), "64 deep");
  expect({{job() + "\n" + std::string(100'000, '[') + "\n" + job(), "1 ok | 2 bad | 3 ok"},
          {job() + "\n" + nested("{\"a\":", "", 50'000) + "\n" + job(), "1 ok | 2 bad | 3 ok"},
          {"[" + nested("[{\"\":", "", 50'000), "broken", "broken off"}});
}

BOOST_AUTO_TEST_CASE(trailing_garbage) {
  for (const auto* garbage : {" x", "{}", ",", "]", "}", "\"", "//", "\x01", " null"})
    expect({{job() + "\n" + job() + garbage + "\n" + job(), "1 ok | 2 bad | 3 ok"}});
  expect({{"[" + job() + "]" + job(), "1 ok | broken", "trailing data after the array"},
          {"[" + job() + "]\n\n\t", "1 ok"},
          {gzipped(job() + "\n") + "\n", "1 ok | broken", "other data follows the gzip stream"},
          {zstd_packed(job() + "\n") + "\n", "1 ok | broken", "zstd stream"}});
}

BOOST_AUTO_TEST_CASE(an_entry_that_an_array_does_not_close) {
  const auto next = ",\n" + job() + ",\n" + job() + "\n]";
  expect({{"[\n{\"a\":[1}" + next, "2 bad | 3 ok | 4 ok"},
          {"[\n{\"a\":{\"b\":1]}" + next, "2 bad | 3 ok | 4 ok"},
          {"[\n{\"a\":[[1},{\"b\":2]}" + next, "2 bad | 2 bad | 3 ok | 4 ok"},
          {"[\n" + job().substr(0, 20) + next, "2 bad | 3 ok | 4 ok"},
          {"[\n{\"a\":1" + next, "2 bad | 3 ok | 4 ok", "not closed"},
          {"[\n{\"a\":1,\n \"b\":{\"c\":1\n" + job() + "\n]", "2 bad | 4 ok"},
          {"[\n{\"a\":\"open}" + next, "2 bad | 3 ok | 4 ok"},
          {"[\n{\"a\":1, \"open:2}" + next, "2 bad | 3 ok | 4 ok"},
          {"[\n\"open" + next, "2 bad | 3 ok | 4 ok"},
          {"[\n\"open\n" + job() + "]", "2 bad | 3 ok"},
          {"[\n" + job() + ",\n{\"a\":1\n]\n", "2 ok | 3 bad"},
          {"[\n" + job() + ",\n{\"a\":\"open\n]\n", "2 ok | 3 bad"},
          // What is inside of an entry is none, whatever stands there.
          {"[\n{\"a\":\n" + job() + ",\n\"b\":[\n" + job() + ",\n" + job() + "\n]},\n" + job() + "]",
           "2 bad input_url,output_url,job_type,input_format,output_format | 8 ok"}});
}

BOOST_AUTO_TEST_CASE(entries_of_an_array_on_one_line_are_told_by_their_number) {
  const auto all = read_all("[" + job() + ",{},\n1," + job() + "]");
  BOOST_TEST(all.outline() == "1 ok | 1 bad input_url,output_url,job_type,input_format,output_format | 2 bad | 2 ok");
  BOOST_TEST(all.bad(1).problems.at(0).message == "input_url is missing (entry 2 of the array)");
  BOOST_TEST(all.bad(2).problems.at(0).message == "the entry is not a JSON object (entry 3 of the array)");
}

BOOST_AUTO_TEST_CASE(unclosed_quotes_in_csv) {
  expect({{header + row + "\"open\n" + row + "\n", "2 bad | 3 ok", "a quote opens on this line and does not close:"},
          {header + row + "\n" + row + "\"", "2 ok | 3 bad", "does not close"},
          {header + row + "\"a\n" + row + "b\"\n" + row + "\n", "2 ok | 4 ok"}, // it does close
          {header + row + "\"a\n" + row + "\"b\"\n" + row + "\n", "2 bad | 3 ok | 4 ok", "text follows"},
          {header + row + "a\"b\n" + row + "\n", "2 bad | 3 ok", "has one in it"},
          {header + row + "\"a\"b\"\n" + row + "\n", "2 bad | 3 ok", "text follows"},
          {header + row + "\"a\" \n" + row + "\n", "2 bad | 3 ok", "text follows"},
          {header + row + " \"a\"\n" + row + "\n", "2 bad | 3 ok", "has one in it"},
          {header + row + "'a,b'\n" + row + "\n", "2 bad | 3 ok", "7 cells"},
          {header + row + "\"a\\\"b\"\n" + row + "\n", "2 bad | 3 ok", "text follows"},
          {"input_url,\"x\n" + row, "broken", "expected JSON Lines"}});
  expect({{"input_url,\"x\n" + row, "broken", "quote that is out of place"}}, {.format = format::csv});
}

BOOST_AUTO_TEST_CASE(wrong_column_counts) {
  expect({{header + "a\n" + row + "\n", "2 bad | 3 ok", "the row has 1 cells and the header 6"},
          {header + row + ",\n" + row + "\n", "2 bad | 3 ok", "the row has 7 cells and the header 6"},
          {header + ",,,,,\n" + row + "\n", "2 bad input_url,output_url,job_type,input_format,output_format | 3 ok"},
          {header + "\n \n" + row + "\n", "3 bad | 4 ok", "the row has 1 cells"},
          {header + header + row + "\n", "2 bad input_url,output_url | 3 ok"},
          {header + row + "\nsep=,\n" + row, "2 ok | 3 bad | 4 ok"},
          {"input_url;output_url;x\na;b;c\n", "broken", "expected JSON Lines"},
          {"input_url\toutput_url\na\tb\n", "broken", "expected JSON Lines"}});
}

BOOST_AUTO_TEST_CASE(truncated_gz_and_zst) {
  const auto text = job(",\"n\":1") + "\n" + job(",\"n\":2") + "\n";
  const auto whole = gzipped(text);
  expect({{gzipped(job() + "\n") + gzipped(text).substr(0, 12), "1 ok | broken", "the gzip stream is cut short"},
          {whole.substr(0, whole.size() - 1), "1 ok | 2 ok | broken", "line 3: the gzip stream is cut short"},
          {zstd_packed(text) + zstd_packed(text).substr(0, 30), "1 ok | 2 ok | broken",
           "line 3: the zstd stream is cut short"},
          {whole.substr(0, 5), "broken", "is no manifest: the gzip stream is cut short"},
          {zstd_packed(text).substr(0, 5), "broken", "is no manifest: the zstd stream is cut short"}});
  auto crc = gzipped(text);
  crc[crc.size() - 6] = static_cast<char>(crc[crc.size() - 6] ^ 1);
  auto length = gzipped(text);
  length.back() = static_cast<char>(length.back() ^ 1);
  auto checked = zstd_of_kind(text, ZSTD_c_checksumFlag, 1);
  checked.back() = static_cast<char>(checked.back() ^ 1);
  expect({{crc, "1 ok | 2 ok | broken", "gzip stream is damaged (incorrect data check)"},
          {length, "1 ok | 2 ok | broken", "gzip stream is damaged (incorrect length check)"},
          {"\x1f\x8b\x07"s + gzipped(text).substr(3), "broken", "gzip stream is damaged"},
          {"\x1f\x8b\x08\xe0"s + gzipped(text).substr(4), "broken", "gzip stream is damaged"},
          {"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, "broken", "zstd stream"}});
  BOOST_TEST(read_all(checked).broken->what.find("doesn't match checksum") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(concatenated_gz_and_zst) {
  const auto half = job(",\"n\":").substr(0, 40), rest = job(",\"n\":1").substr(40) + "\n";
  const auto one = job() + "\n";
  char name[] = "m.jsonl", comment[] = "why";
  Bytef extra[] = {'A', 'p', 2, 0, 'x', 'y'};
  gz_header head{};
  head.name = reinterpret_cast<Bytef*>(name);
  head.comment = reinterpret_cast<Bytef*>(comment);
  head.extra = extra;
  head.extra_len = sizeof extra;
  head.hcrc = 1;
  expect({{gzipped(one) + gzipped("") + gzipped(half) + gzipped(rest), "1 ok | 2 ok"},
          {zstd_packed(one) + zstd_packed("") + zstd_packed(half) + zstd_packed(rest), "1 ok | 2 ok"},
          {gzip_of_kind(one, 0, &head) + gzip_of_kind(one, 9, nullptr), "1 ok | 2 ok"},
          {zstd_of_kind(one, ZSTD_c_checksumFlag, 1) + zstd_of_kind(one, ZSTD_c_compressionLevel, -5), "1 ok | 2 ok"},
          {gzipped(one) + zstd_packed(one), "1 ok | broken", "other data follows"},
          {zstd_packed(one) + gzipped(one), "1 ok | broken", "zstd stream"},
          {gzipped(gzipped(one)), "broken", "expected JSON Lines"}});
}

BOOST_AUTO_TEST_CASE(a_zstd_stream_that_is_sound_and_not_unpacked_says_why) {
  const auto empty_frame_of_dictionary_7 = "\x28\xb5\x2f\xfd\x21\x07\x00\x01\x00\x00"s;
  expect({{zstd_of_kind(job(), ZSTD_c_windowLog, 30), "broken", "pack it without --long or --ultra"},
          {empty_frame_of_dictionary_7, "broken", "packed with a dictionary"}});
  BOOST_TEST(read_all(zstd_of_kind(job(), ZSTD_c_windowLog, 27)).outline() == "1 ok");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
