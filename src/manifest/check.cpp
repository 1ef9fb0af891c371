#include "manifest/check.hpp"
#include "manifest/bytes.hpp"
#include "manifest/json_text.hpp"
#include "manifest/sentence.hpp"
#include "manifest/url_parts.hpp"

#include <mcbatch/core/http.hpp>

#include <algorithm>

namespace mcbatch::manifest {
namespace {

bool has_space_or_control(std::string_view text) {
  while (text.size() >= sizeof(eight_bytes)) {
    const auto bytes = load_eight(text.data());
    if ((mark_below(bytes, ' ' + 1) | mark_equal(bytes, '\x7f')) != 0) return true;
    text.remove_prefix(sizeof(eight_bytes));
  }
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

bool is_accepted(std::string_view scheme) {
  constexpr std::array<std::string_view, 4> schemes{"https", "http", "s3", "gs"};
  return scheme == schemes.front() ||
         std::any_of(schemes.begin(), schemes.end(), [&](auto accepted) { return iequals(accepted, scheme); });
}

/// What is wrong with the URL, as the rest of a sentence that begins with the field's name; empty if nothing is.
std::string url_fault(std::string_view url) {
  auto rest = url;
  const auto parts = take_authority(rest);
  if (!is_accepted(parts.scheme))
    return "must be an absolute URL with scheme http, https, s3 or gs, not " + quoted(url);
  if (has_space_or_control(url)) return "must not hold white space or control characters, as " + quoted(url) + " does";
  if (parts.authority.empty() || parts.authority.starts_with(':'))
    return "must name a host or bucket, which " + quoted(url) + " does not";
  return {};
}

std::string text_fault(std::string_view field, const value& v) {
  if (v.type != kind::string) return "must be a string, not " + std::string(to_string(v.type));
  if (v.text.empty()) return "is empty";
  if (field.ends_with("_url")) return url_fault(v.text);
  return {};
}

std::string size_fault(const value& v) {
  if (v.type == kind::number && is_whole_number(v.text)) return {};
  const auto shown = v.type == kind::number ? quoted(v.text) : std::string(to_string(v.type));
  return "must be a whole number of bytes, 0 or more, not " + shown;
}

} // namespace

void report(std::vector<problem>& problems, std::uint64_t line, std::string_view field, std::string message) {
  const bool known = std::any_of(problems.begin(), problems.end(), [&](const problem& p) { return p.field == field; });
  if (!known) problems.push_back({line, std::string(field), std::move(message)});
}

void check_fields(const job_fields& fields, std::uint64_t line, std::vector<problem>& problems) {
  const auto complain = [&](std::string_view field, const std::string& fault) {
    if (!fault.empty()) report(problems, line, field, std::string(field) + ' ' + fault);
  };
  for (std::size_t i = 0; i < required_fields.size(); ++i)
    complain(required_fields[i], fields[i] ? text_fault(required_fields[i], *fields[i]) : "is missing");
  if (const auto& v = fields[known_field::size]) complain("input_size_bytes", size_fault(*v));
  if (const auto& v = fields[known_field::webhook_url]) complain("webhook_url", text_fault("webhook_url", *v));
}

} // namespace mcbatch::manifest
