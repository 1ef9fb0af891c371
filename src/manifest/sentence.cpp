#include "manifest/sentence.hpp"

#include <mcbatch/manifest/url.hpp>

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

namespace mcbatch::manifest {
namespace {

constexpr std::size_t longest = 100;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}
bool is_not_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}
bool continues_character(char c) {
  return (c & '\xc0') == '\x80';
}

} // namespace

std::string quoted(std::string_view text) {
  auto shown = redact_url(text);
  if (shown.size() > longest) {
    auto end = longest;
    while (end > 0 && continues_character(shown[end]))
      --end;
    shown.resize(end);
    shown += "...";
  }
  std::replace_if(shown.begin(), shown.end(), is_control, '?');
  if (!simdjson::validate_utf8(shown)) std::replace_if(shown.begin(), shown.end(), is_not_ascii, '?');
  return '"' + shown + '"';
}

} // namespace mcbatch::manifest
