#include "tidy.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>

namespace mcbatch::api {
namespace {

constexpr std::size_t most_bytes = 500;

struct character {
  std::uint32_t code = 0;
  std::size_t length = 1;
};

constexpr character not_utf8{0, 1};

/// The first character of a text that is not empty (RFC 3629, section 3).
character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return not_utf8;

  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (const char c : text.substr(1, length - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) return not_utf8;
    code = code << 6 | (byte & 0x3f);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least[length] || code > 0x10ffff || surrogate ? not_utf8 : character{code, length};
}

bool is_shown(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool invisible = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
  return !control && !invisible;
}

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const auto next = first_character(text);
    if (is_shown(next.code))
      line += text.substr(0, next.length);
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
    text.remove_prefix(next.length);
  }
  while (line.ends_with(' '))
    line.pop_back();
  return line;
}

std::string without_secret(std::string text, std::string_view secret) {
  constexpr std::string_view hidden = "***";
  if (secret.empty()) return text;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + hidden.size()))
    text.replace(at, secret.size(), hidden);
  return text;
}

/// Where a word stops being fit to be shown; its size where it is fit as a whole.
std::size_t query_begin(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::size_t begin = word.size();
  for (const std::string_view mark :
       {"?", "%3f", "signature=", "signature%3d", "signature\\u003d", "sig=", "sig%3d", "sig\\u003d"}) {
    const auto at = lower.find(mark);
    if (at == std::string::npos) continue;
    // Some writers of JSON escape what HTML gives a meaning.
    constexpr std::array<std::string_view, 3> assigns{"=", "%3d", "\\u003d"};
    const bool has_parameter = std::any_of(assigns.begin(), assigns.end(), [&](std::string_view assign) {
      return lower.find(assign, at) != std::string::npos;
    });
    if (has_parameter) begin = std::min(begin, at);
  }
  return begin;
}

std::string without_queries(std::string_view text) {
  constexpr std::string_view ends_of_words = " \"'<>`";
  std::string clean;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find_first_of(ends_of_words));
    const auto kept = query_begin(word);
    clean += word.substr(0, kept);
    if (kept < word.size()) clean += "?...";
    text.remove_prefix(word.size());
    clean += text.substr(0, 1);
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
  }
  return clean;
}

std::string shortened(std::string text) {
  if (text.size() <= most_bytes) return text;
  constexpr std::string_view more = "...";
  auto end = most_bytes - more.size();
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return text.substr(0, end).append(more);
}

} // namespace

std::string tidy(std::string_view text, std::string_view secret) {
  return shortened(without_queries(without_secret(one_line(text), secret)));
}

} // namespace mcbatch::api
