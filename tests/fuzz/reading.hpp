#ifndef MCBATCH_TESTS_FUZZ_READING_HPP
#define MCBATCH_TESTS_FUZZ_READING_HPP

// What the targets of the manifest's formats have in common: reading bytes as `mcbatch` reads a file, and what holds of
// all that is read.

#include "check.hpp"

#include <mcbatch/manifest/reader.hpp>

#include <nlohmann/json.hpp>

#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

namespace mcbatch::manifest {

inline constexpr std::size_t short_entry = 1024; // bytes, so that what is too long is short too

/// A valid entry that no input holds by chance, as JSON and as a row of CSV.
inline constexpr std::string_view good_entry =
    R"({"input_url":"s3://in/last","output_url":"s3://out/last","job_type":"video","input_format":"a","output_format":"b"})";
inline constexpr std::string_view good_header = "input_url,output_url,job_type,input_format,output_format,x,y:json\n";
inline constexpr std::string_view good_row = "s3://in/last,s3://out/last,video,a,b,,";

struct reading {
  std::vector<item> items;
  std::optional<failure> broken;
  bool opened = false;
};

/// A file in memory that can be opened by its path.
class memory_file {
public:
  explicit memory_file(std::string_view content) {
    static const int fd = ::memfd_create("manifest", 0);
    check(::ftruncate(fd, 0) == 0, "the file can be emptied");
    check(::pwrite(fd, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()), "it can be written");
    path_ = "/proc/self/fd/" + std::to_string(fd);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

inline reading read(std::string_view content, options opts, limits lim = {.block = 4096, .entry = short_entry}) {
  const memory_file file(content);
  reading all;
  auto opened = reader::open(file.path(), std::move(opts), lim);
  all.opened = opened.has_value();
  if (!opened) all.broken = opened.error();
  while (opened) {
    auto next = opened->next();
    if (!next) all.broken = next.error();
    if (!next || !*next) break;
    all.items.push_back(std::move(**next));
  }
  return all;
}

inline std::string to_text(const item& i) {
  if (const auto* e = std::get_if<entry>(&i))
    return std::to_string(e->line) + " " + to_hex(e->key) + " " + to_hex(e->content) + " " + e->body;
  const auto& bad = std::get<bad_entry>(i);
  std::string text = "bad ";
  for (const auto& p : bad.problems)
    text += std::to_string(p.line) + " " + p.field + ": " + p.message + "\n";
  return text + bad.text;
}

inline bool is_packed(std::string_view content) {
  const bool skippable = content.size() >= 4 && content.substr(1, 3) == "\x2a\x4d\x18";
  return content.starts_with("\x1f\x8b") || content.starts_with("\x28\xb5\x2f\xfd") || skippable;
}

inline std::string items_text(const reading& r) {
  std::string text;
  for (const auto& i : r.items)
    text += to_text(i) + "\n";
  return text;
}

inline std::string to_text(const reading& r) {
  return items_text(r) + (r.broken ? r.broken->what : "whole");
}

inline std::uint64_t line_of(const item& i) {
  const auto* e = std::get_if<entry>(&i);
  return e ? e->line : std::get<bad_entry>(i).problems.at(0).line;
}

/// The members of an object's text, as they stand there, and space added around each token.
inline std::vector<std::string> spaced_members(std::string_view object) {
  std::vector<std::string> members(1);
  bool in_string = false;
  int depth = 0;
  for (std::size_t i = 1; i + 1 < object.size(); ++i) {
    const char c = object[i];
    if (in_string) {
      members.back() += c;
      if (c == '\\') members.back() += object[++i];
      in_string = c != '"';
      continue;
    }
    in_string = c == '"';
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ',' && depth == 0) {
      members.emplace_back();
      continue;
    }
    const bool token = std::string_view("{}[]:,").find(c) != std::string_view::npos;
    members.back().append(token ? " " : "").append(1, c).append(token ? "\t " : "");
  }
  return members;
}

inline std::string in_another_order(std::string_view object) {
  auto members = spaced_members(object);
  std::string text = "{ ";
  for (auto m = members.rbegin(); m != members.rend(); ++m)
    text += (m == members.rbegin() ? "" : " , ") + *m;
  return text + " }";
}

/// nlohmann::json refuses numbers that no double holds, and JSON does not.
inline bool has_huge_number(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    digits = is_digit(text[i]) ? digits + 1 : 0;
    if (digits >= 3 && i >= digits && std::string_view("eE+").find(text[i - digits]) != std::string_view::npos)
      return true;
    if (digits > 300) return true;
  }
  return false;
}

inline void check_entry(const entry& e) {
  const limits roomy{.block = 4096, .entry = 64 * short_entry};
  check(nlohmann::json::accept(e.body) || has_huge_number(e.body), "what is sent is JSON to others too", e.body);
  const auto again = read("[" + e.body + "]", {.format = format::json}, roomy);
  check(again.items.size() == 1 && !again.broken, "an entry that is read again is one entry", to_text(again));
  const auto* same = std::get_if<entry>(&again.items[0]);
  check(same && same->body == e.body && same->key == e.key, "and the same job", to_text(again));
  const auto other = read(in_another_order(e.body), {.format = format::jsonl}, roomy);
  if (e.body.find('\n') != std::string::npos) return;
  const auto* shuffled = other.items.empty() ? nullptr : std::get_if<entry>(&other.items[0]);
  check(shuffled && shuffled->key == e.key, "order and spacing do not matter to the key", to_text(other));
}

inline void check_bad(const bad_entry& bad, bool as_json) {
  check(!bad.problems.empty(), "a bad entry has a problem");
  for (const auto& p : bad.problems) {
    check_shown(p.message, 2 * short_entry);
    check(p.line == bad.problems[0].line, "all problems of an entry stand at the same line");
  }
  const auto& why = bad.problems[0].message;
  const bool syntax = bad.problems[0].field.empty() && why.starts_with("the entry") && !holds(why, "64 deep") &&
                      !holds(why, "longer than") && !holds(why, "stands twice");
  const bool ends_early = holds(bad.text, {"\0", 1}); // for nlohmann::json
  if (as_json && syntax && !ends_early && bad.text.starts_with('{'))
    check(!nlohmann::json::accept(bad.text), "what others take for JSON is no fault of syntax", to_text(bad));
}

/// What holds of every manifest, and of its lines: they never decrease.
inline void check_reading(const reading& r, std::string_view content, bool as_json) {
  const auto lines = 1 + static_cast<std::uint64_t>(std::count(content.begin(), content.end(), '\n'));
  std::uint64_t last = 1;
  for (const auto& i : r.items) {
    check(line_of(i) >= last && line_of(i) <= lines, "lines do not decrease", to_text(r));
    last = line_of(i);
    if (const auto* e = std::get_if<entry>(&i))
      check_entry(*e);
    else
      check_bad(std::get<bad_entry>(i), as_json);
  }
  if (r.broken) check_shown(r.broken->what, 2 * short_entry);
}

/// The same bytes, read in parts of other sizes. Returns the reading. Of a damaged stream more or less is unpacked
/// before the damage shows; what comes out of it is the same.
inline reading read_in_parts(std::string_view content, format f, bool packed = false) {
  auto whole = read(content, {.format = f});
  for (const std::size_t block : {50U, 300U}) {
    const auto parts = read(content, {.format = f}, {.block = block, .entry = short_entry});
    if (packed && whole.broken && parts.broken) {
      const auto a = items_text(parts), b = items_text(whole);
      check(a.starts_with(b) || b.starts_with(a), "what a damaged stream gives is the same", a + "\n---\n" + b);
      continue;
    }
    check(to_text(parts) == to_text(whole), "it does not matter where reads end",
          to_text(parts) + "\n---\n" + to_text(whole));
  }
  const auto ahead = read(content, {.format = f, .ahead = true});
  check(to_text(ahead) == to_text(whole), "nor whether it is read ahead", to_text(ahead) + "\n---\n" + to_text(whole));
  return whole;
}

/// `content` and behind it, on a line of its own, a good entry: that is read, whatever came before.
inline void check_last_is_read(std::string_view content, std::string_view last, format f) {
  const auto text = std::string(content) + "\n" + std::string(last) + "\n";
  const auto r = read(text, {.format = f});
  if (!r.opened) return;
  check(!r.broken && !r.items.empty(), "lines are read to the end", to_text(r));
  const auto* e = std::get_if<entry>(&r.items.back());
  check(e && holds(e->body, "s3://out/last"), "a good line behind bad ones is read", to_text(r));
  check(e->line == static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')), "and its line is known",
        to_text(r));
}

} // namespace mcbatch::manifest

#endif
