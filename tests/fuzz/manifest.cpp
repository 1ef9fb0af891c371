// Whatever stands in a manifest, as JSON Lines or as an array, plain or compressed: where reads end does not matter, a
// bad line costs no other, and what is valid is sent and known as it stands there. The input is the file.

#include "reading.hpp"

#include <zlib.h>
#include <zstd.h>

using namespace mcbatch::manifest;

namespace {

constexpr std::string_view space = " \t\r\n";

std::string gzipped(std::string_view text) {
  z_stream stream{};
  check(::deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib is there");
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  check(::deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs");
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string zstd_packed(std::string_view text) {
  static ZSTD_CCtx* const context = ::ZSTD_createCCtx();
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  out.resize(::ZSTD_compressCCtx(context, out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

/// The lines of JSON Lines that are not blank, by their numbers: each must become one item.
std::vector<std::uint64_t> lines_with_something(std::string_view content) {
  if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);
  const auto begin = std::min(content.find_first_not_of(space), content.size());
  auto number = 1 + static_cast<std::uint64_t>(
                        std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
  content.remove_prefix(begin);
  std::vector<std::uint64_t> lines;
  for (; !content.empty(); ++number) {
    const auto line = content.substr(0, content.find('\n'));
    if (line.size() > short_entry || line.find_first_not_of(space) != std::string_view::npos) lines.push_back(number);
    content.remove_prefix(std::min(line.size() + 1, content.size()));
  }
  return lines;
}

void check_lines(const reading& r, std::string_view content) {
  check(!r.broken, "lines can be read to the end", to_text(r));
  std::vector<std::uint64_t> seen;
  for (const auto& i : r.items)
    seen.push_back(line_of(i));
  check(seen == lines_with_something(content), "each line is an entry", to_text(r));
}

void check_packed(const reading& plain, std::string_view content) {
  for (const auto& packed : {gzipped(content), zstd_packed(content)}) {
    const auto r = read(packed, {}, {.block = 50, .entry = short_entry});
    check(to_text(r) == to_text(plain), "compressed or not, it is the same", to_text(r) + "\n---\n" + to_text(plain));
  }
}

/// A key field changes what identifies a job, and not what it is.
void check_key_field(const reading& plain, std::string_view content) {
  const auto keyed = read(content, {.format = format::jsonl, .key_field = "id"});
  check(keyed.items.size() == plain.items.size(), "a key field makes no entries", to_text(keyed));
  for (std::size_t i = 0; i < plain.items.size(); ++i) {
    const auto* a = std::get_if<entry>(&plain.items[i]);
    const auto* b = std::get_if<entry>(&keyed.items[i]);
    check(!b || (a && a->content == b->content && a->body == b->body), "nor other ones", to_text(keyed));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const bool packed = is_packed(content);
  const auto found = read_in_parts(content, format::automatic, packed);
  if (packed) return 0; // lines are those of what it unpacks to
  check_reading(found, content, true);
  check_packed(found, content);
  const auto lines = read_in_parts(content, format::jsonl);
  check_reading(lines, content, true);
  if (lines.opened) check_lines(lines, content);
  if (lines.opened) check_key_field(lines, content);
  check_last_is_read(content, good_entry, format::jsonl);
  const auto text = "[" + std::string(content);
  check_reading(read_in_parts(text, format::json), text, true);
  return 0;
}
