#include <mcbatch/report/page.hpp>

#include "report/page_files.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace mcbatch::report {
namespace {

/// A source expression of a content security policy (CSP level 3, section 2.3.1) that lets in just this text.
std::string hash_source(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (::EVP_Digest(text.data(), text.size(), hash.data(), &size, ::EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot compute a SHA-256");
  std::array<unsigned char, 4 * (EVP_MAX_MD_SIZE / 3 + 1) + 1> base64{};
  const auto length = ::EVP_EncodeBlock(base64.data(), hash.data(), static_cast<int>(size));
  return "'sha256-" + std::string(base64.begin(), base64.begin() + length) + "'";
}

std::string policy_of(page_kind kind) {
  return "default-src 'none'; style-src " + hash_source(page_files::page_css) + "; script-src " +
         hash_source(page_files::chart_js) + " " + hash_source(page_files::page_js) +
         "; img-src data:; base-uri 'none'; form-action 'none'" +
         (kind == page_kind::live ? "; connect-src 'self'" : "");
}

/// JSON as it may stand in a script element: it means the same, and no tag can end or begin in it.
std::string within_script(std::string_view json) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> escapes{
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}}};
  std::string safe;
  safe.reserve(json.size());
  while (!json.empty()) {
    std::string_view taken = json.substr(0, 1), written = taken;
    for (const auto& [what, escape] : escapes)
      if (json.starts_with(what)) {
        taken = what;
        written = escape;
      }
    safe += written;
    json.remove_prefix(taken.size());
  }
  return safe;
}

/// `text` with `{{name}}` replaced, for each name once, in the order in which they stand there.
std::string filled(std::string_view text, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string whole;
  for (const auto& [name, value] : values) {
    const auto place = "{{" + name + "}}";
    const auto at = text.find(place);
    if (at == std::string_view::npos) throw std::logic_error("the page has no place for its " + name);
    whole.append(text.substr(0, at)).append(value);
    text.remove_prefix(at + place.size());
  }
  return whole.append(text);
}

} // namespace

std::string page_html(page_kind kind, std::string_view picture_json) {
  return filled(page_files::page_html, {{"policy", policy_of(kind)},
                                        {"style", std::string(page_files::page_css)},
                                        {"picture", within_script(picture_json)},
                                        {"chart", std::string(page_files::chart_js)},
                                        {"script", std::string(page_files::page_js)}});
}

} // namespace mcbatch::report
