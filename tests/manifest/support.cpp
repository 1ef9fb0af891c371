#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

namespace mcbatch::manifest::test {
namespace {

std::string outline_of(const item& i) {
  if (const auto* e = std::get_if<entry>(&i)) return std::to_string(e->line) + " ok";
  const auto& problems = std::get<bad_entry>(i).problems;
  auto text = std::to_string(problems.front().line) + " bad";
  for (const auto& p : problems)
    if (!p.field.empty()) text += (&p == problems.data() ? ' ' : ',') + p.field;
  return text;
}

} // namespace

temporary_file::temporary_file(std::string_view content) {
  auto name = (std::filesystem::temp_directory_path() / "mcbatch-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  path_ = (folder_ / "manifest").string();
  std::ofstream(path_, std::ios::binary) << content;
}

temporary_file::~temporary_file() {
  std::filesystem::remove_all(folder_);
}

const entry& reading::good(std::size_t i) const {
  BOOST_REQUIRE_MESSAGE(i < items.size() && std::holds_alternative<entry>(items[i]),
                        "item " << i << " of " << outline());
  return std::get<entry>(items[i]);
}

const bad_entry& reading::bad(std::size_t i) const {
  BOOST_REQUIRE_MESSAGE(i < items.size() && std::holds_alternative<bad_entry>(items[i]),
                        "item " << i << " of " << outline());
  return std::get<bad_entry>(items[i]);
}

std::string reading::outline() const {
  std::string text;
  for (const auto& i : items)
    text += (text.empty() ? "" : " | ") + outline_of(i);
  if (broken) text += text.empty() ? "broken" : " | broken";
  return text;
}

reading read_all(std::string_view content, const options& opts, limits lim) {
  const temporary_file file(content);
  reading all;
  auto opened = reader::open(file.path(), opts, lim);
  if (!opened) {
    all.broken = opened.error();
    return all;
  }
  for (;;) {
    auto next = opened->next();
    if (!next) {
      all.broken = next.error();
      return all;
    }
    if (!*next) return all;
    all.items.push_back(std::move(**next));
  }
}

entry read_one(const std::string& json, const options& opts) {
  const auto all = read_all(json, opts);
  BOOST_REQUIRE_EQUAL(all.outline(), "1 ok");
  return all.good(0);
}

std::string job(std::string_view more) {
  return R"({"input_url":"s3://in/a.mp4","output_url":"s3://out/a.webm","job_type":"video",)"
         R"("input_format":"mp4","output_format":"webm")" +
         std::string(more) + '}';
}

std::string gzipped(std::string_view text) {
  z_stream stream{};
  BOOST_REQUIRE_EQUAL(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
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

std::string zstd_packed(std::string_view text) {
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  const auto n = ::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  BOOST_REQUIRE(!::ZSTD_isError(n));
  out.resize(n);
  return out;
}

} // namespace mcbatch::manifest::test
