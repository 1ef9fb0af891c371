#include <mcbatch/core/redact.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace mcbatch {
namespace {

constexpr auto npos = std::string::npos;

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

/// Where the first of `marks` stands from `from` on.
template <std::size_t N>
std::size_t find_first(std::string_view text, const std::array<std::string_view, N>& marks, std::size_t from = 0) {
  auto first = npos;
  for (const auto mark : marks)
    first = std::min(first, text.find(mark, from));
  return first;
}

/// As a URL has it, percent-encoded, or in JSON that escapes slashes.
constexpr std::array<std::string_view, 3> scheme_ends{"://", "%3a%2f%2f", ":\\/\\/"};
constexpr std::array<std::string_view, 4> query_begins{"?", "#", "%3f", "\\u003f"};
constexpr std::array<std::string_view, 6> names{"signature", "sig", "token", "credential", "policy", "key-pair-id"};
constexpr std::array<std::string_view, 4> assigns{"=", "%3d", "\\u003d", "&#"};

/// Where the name of a parameter stands that is a secret, or close to one.
std::size_t find_secret_parameter(std::string_view word) {
  auto first = npos;
  for (const auto name : names)
    for (const auto assign : assigns)
      first = std::min(first, word.find(std::string(name).append(assign)));
  return first;
}

/// Where a word, in lower case, stops being fit to be shown; its size where it is fit as a whole.
std::size_t shown_end(std::string_view word) {
  auto end = std::min(word.size(), find_secret_parameter(word));
  const auto query = find_first(word, query_begins);
  const bool is_url = find_first(word, scheme_ends) < query;
  const bool has_parameter = query != npos && find_first(word, assigns, query) != npos;
  if (is_url || has_parameter) end = std::min(end, query);
  return end;
}

/// A word without the userinfo of its URL: "https://name:password@host/".
std::string without_userinfo(std::string word) {
  const auto scheme_end = word.find("://");
  if (scheme_end == npos) return word;
  const auto authority = scheme_end + 3;
  const auto at = word.substr(0, word.find_first_of("/?#", authority)).rfind('@');
  if (at != npos && at >= authority) word.replace(authority, at - authority, "***");
  return word;
}

std::string redacted_word(std::string_view word) {
  const auto end = shown_end(in_lower_case(word));
  return without_userinfo(std::string(word.substr(0, end))) + (end < word.size() ? "?..." : "");
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

} // namespace

std::string redact(std::string_view text) {
  constexpr std::string_view ends_of_words = " \t\r\n\"'<>`";
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto word = text.substr(0, text.find_first_of(ends_of_words));
    clean += redacted_word(word);
    text.remove_prefix(word.size());
    clean += text.substr(0, 1);
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
  }
  return clean;
}

std::string without_secret(std::string text, std::string_view secret) {
  constexpr std::string_view hidden = "***";
  if (secret.empty()) return text;
  replace_all(text, secret, hidden);
  std::string escaped(secret);
  replace_all(escaped, "/", "\\/");
  replace_all(text, escaped, hidden);
  return text;
}

} // namespace mcbatch
