#include <mcbatch/manifest/reader.hpp>

#include "manifest/array_splitter.hpp"
#include "manifest/csv_splitter.hpp"
#include "manifest/judge.hpp"
#include "manifest/judge_thread.hpp"
#include "manifest/window.hpp"

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

/// UTF-16 and UTF-32, by their byte order marks or the zeros that go with an ASCII character.
bool is_wide(std::string_view beginning) {
  return beginning.starts_with("\xff\xfe") || beginning.starts_with("\xfe\xff") ||
         beginning.substr(0, 2).find('\0') != std::string_view::npos;
}

/// Reads the beginning: at least `wanted` bytes, where there are as many.
result<void> read_beginning(window& in, std::size_t wanted) {
  while (in.data().size() < wanted && !in.at_end())
    if (auto more = in.fill(); !more) return more.error();
  return {};
}

/// Arrays stand on a single line as often as not: which line it is does not tell then which entry.
void name_entry(item& of_array, std::uint64_t number) {
  if (auto* bad = std::get_if<bad_entry>(&of_array))
    for (auto& p : bad->problems)
      p.message += " (entry " + std::to_string(number) + " of the array)";
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
  if (is_wide(in.data()))
    return no_manifest("it begins as UTF-16 or a binary file does; expected UTF-8 text, plain or in gzip or zstd");
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
  state(std::string file, std::unique_ptr<byte_source> from, const limits& lim, std::function<bool()> stop_asked)
      : name(std::move(file)), in(std::move(from), lim, std::move(stop_asked)), most_bad(lim.bad_in_a_row) {}

  [[nodiscard]] failure located(const failure& f, std::uint64_t line) const {
    return {f.code, name + ", line " + std::to_string(line) + ": " + f.what +
                        "; the rest cannot be read. Make the manifest whole and run again"};
  }

  /// Whether the manifest is hopeless with this one.
  bool gives_up_at(const item& next) {
    const auto* bad = std::get_if<bad_entry>(&next);
    if (!bad) bad_entries = bad_bytes = 0;
    if (!bad) return false;
    constexpr std::size_t each = 1024;
    ++bad_entries;
    bad_bytes += bad->text.size() + each;
    return bad_bytes > most_bad;
  }

  /// What the reader gives out of what the judge made of a draft; `line` is where the manifest was read then.
  result<std::optional<item>> given_out(item&& made, std::uint64_t number, std::uint64_t line) {
    if (number > 0) name_entry(made, number);
    if (gives_up_at(made))
      return located(
          {errc::unusable_input, "none of the last " + std::to_string(bad_entries) + " entries is a valid job"}, line);
    return std::optional(std::move(made));
  }

  result<std::optional<item>> next_judged_here() {
    auto read = entries->next();
    if (!read) return located(read.error(), in.line());
    if (!*read) return std::nullopt;
    const auto number = (*read)->number;
    return given_out((*judged)(std::move(**read)), number, in.line());
  }

  judged_batch cut_batch() {
    judged_batch b;
    while (!b.is_full() && !b.last) {
      auto read = entries->next();
      b.last = !read || !*read;
      if (!read) b.broken = located(read.error(), in.line());
      if (!b.last) b.add(std::move(**read), in.line());
    }
    cut_to_end = b.last;
    return b;
  }

  result<std::optional<item>> next_judged_ahead() {
    constexpr std::size_t enough = 4; // two are judged, and two wait for that
    while (given == batch.items.size()) {
      if (batch.broken) return *batch.broken;
      if (batch.last) return std::nullopt;
      while (!cut_to_end && ahead->on_their_way() < enough)
        ahead->post(cut_batch());
      batch = ahead->take();
      given = 0;
    }
    const auto& cut = batch.entries[given];
    return given_out(std::move(batch.items[given++]), cut.cut.number, cut.line);
  }

  std::string name;
  window in;
  std::size_t most_bad;
  std::size_t bad_entries = 0, bad_bytes = 0; // in a row
  std::unique_ptr<splitter> entries;

  std::optional<judge> judged; // or
  std::optional<judge_thread> ahead;
  judged_batch batch; // of which so many were given out
  std::size_t given = 0;
  bool cut_to_end = false;
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
  auto s = std::make_unique<state>(name, std::move(*plain), lim, std::move(opts.stop_asked));
  auto entries = make_splitter(s->in, opts.format);
  if (!entries) return unusable(entries.error());
  s->entries = std::move(*entries);
  if (opts.ahead)
    s->ahead.emplace(std::move(*judged), judge::make(opts).value());
  else
    s->judged = std::move(*judged);
  return reader(std::move(s));
}

result<std::optional<item>> reader::next() {
  return state_->ahead ? state_->next_judged_ahead() : state_->next_judged_here();
}

} // namespace mcbatch::manifest
