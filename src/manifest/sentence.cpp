#include "manifest/sentence.hpp"

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/redact.hpp>
#include <mcbatch/manifest/url.hpp>

#include <cstddef>

namespace mcbatch::manifest {
namespace {

constexpr std::size_t longest = 100;

bool continues_character(char c) {
  return (c & '\xc0') == '\x80';
}

} // namespace

std::string quoted(std::string_view text) {
  auto shown = redact(redact_url(text)); // what is no URL may hold one, or a piece of one
  if (shown.size() > longest) {
    auto end = longest;
    while (end > 0 && continues_character(shown[end]))
      --end;
    shown.resize(end);
    shown += "...";
  }
  return '"' + printable(shown) + '"';
}

} // namespace mcbatch::manifest
