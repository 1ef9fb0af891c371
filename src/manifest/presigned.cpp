#include "manifest/presigned.hpp"
#include "manifest/url_parts.hpp"

#include <mcbatch/core/http.hpp>

#include <algorithm>

namespace mcbatch::manifest {
namespace {

constexpr std::string_view aws_v4_names[] = {"X-Amz-Algorithm",     "X-Amz-Credential",    "X-Amz-Date",
                                             "X-Amz-Expires",       "X-Amz-SignedHeaders", "X-Amz-Signature",
                                             "X-Amz-Security-Token"};
constexpr std::string_view aws_v2_names[] = {"AWSAccessKeyId", "Expires", "Signature", "x-amz-security-token"};
constexpr std::string_view google_v4_names[] = {"X-Goog-Algorithm", "X-Goog-Credential",    "X-Goog-Date",
                                                "X-Goog-Expires",   "X-Goog-SignedHeaders", "X-Goog-Signature"};
constexpr std::string_view google_v2_names[] = {"GoogleAccessId", "Expires", "Signature"};
constexpr std::string_view azure_names[] = {"sv",  "ss",  "srt", "sr",  "se",    "st",    "sp",
                                            "sig", "spr", "sip", "si",  "sdd",   "skoid", "sktid",
                                            "skt", "ske", "sks", "skv", "saoid", "suoid", "scid"};
constexpr std::string_view cloudfront_names[] = {"Expires", "Policy", "Signature", "Key-Pair-Id"};

} // namespace

const std::array<signing_scheme, vendors> signing_schemes{{
    {"X-Amz-Signature", "", true, aws_v4_names},
    {"Signature", "AWSAccessKeyId", false, aws_v2_names},
    {"X-Goog-Signature", "", true, google_v4_names},
    {"Signature", "GoogleAccessId", false, google_v2_names},
    {"sig", "", false, azure_names},
    {"Signature", "Key-Pair-Id", false, cloudfront_names},
}};

bool signing_scheme::same(std::string_view decoded, std::string_view wanted) const {
  if (decoded.size() != wanted.size()) return false; // as most are, and without a call
  return any_case ? iequals(decoded, wanted) : decoded == wanted;
}

bool signing_scheme::named(std::string_view name, std::string_view wanted) const {
  if (name.find('%') == std::string_view::npos) return same(name, wanted);
  return same(percent_decoded(name), wanted);
}

bool signing_scheme::owns(std::string_view name) const {
  const auto is_name = [&](std::string_view decoded) {
    return std::any_of(parameters.begin(), parameters.end(), [&](std::string_view own) { return same(decoded, own); });
  };
  return name.find('%') == std::string_view::npos ? is_name(name) : is_name(percent_decoded(name));
}

std::array<bool, vendors> signers_of(std::string_view query) {
  std::array<bool, vendors> has_signature{};
  std::array<bool, vendors> has_companion{};
  std::string decoded;
  while (!query.empty()) {
    auto name = next_parameter(query).name;
    if (name.find('%') != std::string_view::npos) name = decoded = percent_decoded(name);
    for (std::size_t i = 0; i < vendors; ++i) {
      const auto& scheme = signing_schemes[i];
      has_signature[i] = has_signature[i] || scheme.same(name, scheme.signature);
      has_companion[i] = has_companion[i] || scheme.companion.empty() || scheme.same(name, scheme.companion);
    }
  }
  for (std::size_t i = 0; i < vendors; ++i)
    has_signature[i] = has_signature[i] && has_companion[i];
  return has_signature;
}

std::string_view without_signature(std::string_view url, std::string& buffer) {
  if (!may_be_signed(url)) return url;
  const auto query = split_url(url).query;
  const auto signs = signers_of(query);
  if (std::find(signs.begin(), signs.end(), true) == signs.end()) return url;

  const auto query_begin = static_cast<std::size_t>(query.data() - url.data());
  buffer.assign(url, 0, query_begin - 1);
  char separator = '?';
  for (auto rest = query; !rest.empty();) {
    const auto p = next_parameter(rest);
    bool dropped = false;
    for (std::size_t i = 0; i < vendors; ++i)
      dropped = dropped || (signs[i] && signing_schemes[i].owns(p.name));
    if (dropped) continue;
    buffer += separator;
    buffer += p.raw;
    separator = '&';
  }
  buffer += url.substr(query_begin + query.size());
  return buffer;
}

std::string_view what_counts(std::string_view name, std::string_view text, std::string& buffer) {
  return name.ends_with("_url") && is_http_url(text) ? without_signature(text, buffer) : text;
}

} // namespace mcbatch::manifest
