#include "manifest/array_splitter.hpp"
#include "manifest/csv_splitter.hpp"
#include "manifest/judge.hpp"
#include "manifest/window.hpp"

#include <mcbatch/manifest/reader.hpp>

#include <utility>

namespace mcbatch::manifest {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

failure no_manifest(std::string what) {
  return {errc::unusable_input, std::move(what)};
}

failure not_recognised() {
  return no_manifest("expected JSON Lines, a JSON array, or CSV with a header that names input_url, output_url, "
                     "job_type, input_format, output_format");
}

/// Reads the beginning: at least `wanted` bytes, where there are as many.
result<void> read_beginning(window& in, std::size_t wanted) {
  while (in.data().size() < wanted && !in.at_end())
    if (auto more = in.fill(); !more) return more.error();
  return {};
}

/// Which format the text at the front of `in` is in; `in` has no space there and is not at its end.
result<format> recognise(window& in) {
  const char first = in.data().front();
  if (first == '[') return format::json;
  if (first == '{') return format::jsonl;
  const auto csv = looks_like_csv(in);
  if (!csv) return csv.error();
  if (!*csv) return not_recognised();
  return format::csv;
}

result<std::unique_ptr<splitter>> split_as(format f, window& in) {
  if (f == format::csv) return csv_splitter::open(in);
  if (f == format::jsonl) return std::make_unique<line_splitter>(in);
  if (in.data().front() != '[') return no_manifest("expected a JSON array, which begins with a bracket");
  return std::make_unique<array_splitter>(in);
}

/// Finds out what stands in `in`, and how to split it. The sentence of a failure names no file.
result<std::unique_ptr<splitter>> make_splitter(window& in, format wanted) {
  if (auto begun = read_beginning(in, byte_order_mark.size()); !begun) return begun.error();
  if (in.data().find('\0') != std::string_view::npos)
    return no_manifest(
        "it holds NUL bytes, as binary files and UTF-16 do; expected UTF-8 text, plain or in gzip or zstd");
  if (in.data().starts_with(byte_order_mark)) in.consume(byte_order_mark.size());
  const auto more = in.skip_space();
  if (!more) return more.error();
  if (!*more) return std::make_unique<line_splitter>(in); // nothing there: no entries in any format
  const auto found = wanted == format::automatic ? recognise(in) : result<format>(wanted);
  if (!found) return found.error();
  return split_as(*found, in);
}

} // namespace

struct reader::state {
  state(std::string file, std::unique_ptr<byte_source> from, const limits& lim, judge j)
      : name(std::move(file)), in(std::move(from), lim), judged(std::move(j)) {}

  [[nodiscard]] failure located(const failure& f) const {
    return {f.code, name + ", line " + std::to_string(in.line()) + ": " + f.what +
                        "; the rest cannot be read. Make the manifest whole and run again"};
  }

  std::string name;
  window in;
  judge judged;
  std::unique_ptr<splitter> entries;
};

reader::reader(std::unique_ptr<state> s) : state_(std::move(s)) {}
reader::reader(reader&&) noexcept = default;
reader& reader::operator=(reader&&) noexcept = default;
reader::~reader() = default;

result<reader> reader::open(const std::string& path, options opts, limits lim) {
  auto judged = judge::make(opts);
  if (!judged) return judged.error();
  auto raw = open_file(path, std::move(opts.while_waiting));
  if (!raw) return raw.error();
  const auto name = path == "-" ? std::string("standard input") : path;
  const auto unusable = [&](const failure& f) {
    if (f.code == errc::stopped) return f;
    return failure{f.code, name + " is no manifest: " + f.what};
  };
  auto plain = unpacked(std::move(*raw), lim.block);
  if (!plain) return unusable(plain.error());
  auto s = std::make_unique<state>(name, std::move(*plain), lim, std::move(*judged));
  auto entries = make_splitter(s->in, opts.format);
  if (!entries) return unusable(entries.error());
  s->entries = std::move(*entries);
  return reader(std::move(s));
}

result<std::optional<item>> reader::next() {
  auto read = state_->entries->next();
  if (!read) return state_->located(read.error());
  if (!*read) return std::nullopt;
  return state_->judged(std::move(**read));
}

} // namespace mcbatch::manifest
