// Reading a manifest, with checks and job keys, in each format and compression.

#include "micro/sample.hpp"

#include <mcbatch/manifest/reader.hpp>

#include <benchmark/benchmark.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace mcbatch;

constexpr std::uint64_t entries = 20'000;

std::string as_jsonl() {
  std::string text;
  for (std::uint64_t i = 0; i < entries; ++i)
    text += bench::body_of(i) + '\n';
  return text;
}

std::string as_json() {
  std::string text;
  for (std::uint64_t i = 0; i < entries; ++i)
    text += (i == 0 ? "[\n" : ",\n") + bench::body_of(i);
  return text + "\n]\n";
}

std::string as_csv() {
  std::string text = "input_url,output_url,job_type,input_format,output_format,input_size_bytes,id\n";
  for (std::uint64_t i = 0; i < entries; ++i) {
    const auto name = std::to_string(1'000'000'000 + i);
    text += "https://ingest.example.com/masters/season/" + name + "/master.mov,";
    text += "https://delivery.example.com/renditions/season/" + name + "/1080p.mp4,video,mov,mp4," + name;
    text += ",job-" + name + "\n";
  }
  return text;
}

std::string as_it_is(const std::string& text) {
  return text;
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  constexpr int gzip_header = 16;
  if (::deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + gzip_header, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib does not begin");
  std::string packed(::deflateBound(&stream, text.size()), '\0');
  std::string copy = text; // zlib's input is not const
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const bool whole = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (!whole) throw std::runtime_error("zlib does not end");
  return packed;
}

std::string zstd_packed(const std::string& text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  const auto size = ::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3);
  if (::ZSTD_isError(size) != 0) throw std::runtime_error(::ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

void read_manifest(benchmark::State& state, std::string (*write)(), std::string (*pack)(const std::string&)) {
  const bench::scratch_folder folder;
  const auto path = (folder / "manifest").string();
  const auto text = write();
  const auto packed = pack(text);
  std::ofstream(path, std::ios::binary) << packed;
  for (auto _ : state) {
    auto reader = bench::must(manifest::reader::open(path, {}));
    std::uint64_t valid = 0;
    while (const auto item = bench::must(reader.next()))
      valid += std::holds_alternative<manifest::entry>(*item);
    if (valid != entries) throw std::runtime_error("the manifest was read otherwise than it was written");
  }
  const auto read = state.iterations() * static_cast<std::int64_t>(entries);
  state.SetItemsProcessed(read);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK_CAPTURE(read_manifest, jsonl, as_jsonl, as_it_is)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, jsonl_gz, as_jsonl, gzipped)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, jsonl_zst, as_jsonl, zstd_packed)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, json, as_json, as_it_is)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, json_gz, as_json, gzipped)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, json_zst, as_json, zstd_packed)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, csv, as_csv, as_it_is)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, csv_gz, as_csv, gzipped)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_manifest, csv_zst, as_csv, zstd_packed)->Unit(benchmark::kMillisecond);

} // namespace
