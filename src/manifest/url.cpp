#include <mcbatch/manifest/url.hpp>

#include "manifest/presigned.hpp"
#include "manifest/url_parts.hpp"

#include <mcbatch/core/http.hpp>

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace mcbatch::manifest {
namespace {

using std::chrono::seconds;

constexpr std::string_view digits = "0123456789";

/// The parameter `name` of `query`, decoded; nothing where it is absent.
std::optional<std::string> find_parameter(const signing_scheme& scheme, std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto p = next_parameter(query);
    if (scheme.named(p.name, name)) return percent_decoded(p.value);
  }
  return std::nullopt;
}

/// A count of seconds. None of a plausible URL is beyond the year 9999, and sums of smaller ones do not overflow.
std::optional<seconds> read_seconds(std::string_view text) {
  constexpr std::int64_t most = 253'402'300'799;
  std::int64_t n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || n < 0 || n > most) return std::nullopt;
  return seconds(n);
}

std::optional<wall_time> read_epoch(const std::optional<std::string>& text) {
  const auto since = text ? read_seconds(*text) : std::nullopt;
  if (!since) return std::nullopt;
  return wall_time(*since);
}

/// Takes `n` digits off the front, and before them `mark` where it stands.
std::optional<int> take_number(std::string_view& text, std::size_t n, char mark) {
  if (text.starts_with(mark)) text.remove_prefix(1);
  const auto number = text.substr(0, n);
  if (number.size() != n || number.find_first_not_of(digits) != std::string_view::npos) return std::nullopt;
  int value = 0;
  std::from_chars(number.data(), number.data() + n, value);
  text.remove_prefix(n);
  return value;
}

/// How far a time of day is ahead of UTC: "Z", "+hh:mm", "-hh:mm", or nothing, which means UTC too.
std::optional<std::chrono::minutes> read_zone(std::string_view text) {
  if (text.empty() || text == "Z") return std::chrono::minutes(0);
  const bool behind = text.starts_with('-');
  if (!behind && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2, '\0');
  const auto minutes = take_number(text, 2, ':');
  if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return behind ? -ahead : ahead;
}

/// A time of ISO 8601, in the forms that presigned URLs use: 20240115T103000Z, and those of Azure ("Formatting DateTime
/// values"): 2024-01-15T10:30:00.1234567Z, without a fraction, without seconds, with an offset in place of Z or with
/// neither, and 2024-01-15. A fraction of a second is dropped.
std::optional<wall_time> read_date(std::string_view text) {
  const auto year = take_number(text, 4, '\0');
  const auto month = take_number(text, 2, '-');
  const auto day = take_number(text, 2, '-');
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  const std::chrono::sys_days midnight(date);
  if (text.empty()) return midnight;
  const auto hour = take_number(text, 2, 'T');
  const auto minute = take_number(text, 2, ':');
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  const bool has_seconds = text.starts_with(':') || text.substr(0, 1).find_first_of(digits) == 0;
  const auto second = has_seconds ? take_number(text, 2, ':') : std::optional(0);
  if (!second || *second > 60) return std::nullopt; // 60: a leap second
  if (text.starts_with('.')) text.remove_prefix(std::min(text.find_first_not_of(digits, 1), text.size()));
  const auto zone = read_zone(text);
  if (!zone) return std::nullopt;
  return midnight + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second) - *zone;
}

std::optional<wall_time> date_and_lifetime(const signing_scheme& scheme, std::string_view query, std::string_view date,
                                           std::string_view lifetime) {
  const auto date_text = find_parameter(scheme, query, date);
  const auto lifetime_text = find_parameter(scheme, query, lifetime);
  if (!date_text || !lifetime_text) return std::nullopt;
  const auto from = read_date(*date_text);
  const auto lasts = read_seconds(*lifetime_text);
  if (!from || !lasts) return std::nullopt;
  return *from + *lasts;
}

/// The earlier of two, where nothing is later than anything.
std::optional<wall_time> earlier(std::optional<wall_time> a, std::optional<wall_time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

std::optional<wall_time> azure_end(const signing_scheme& scheme, std::string_view query) {
  // The key that signed a user delegation SAS has an end of its own.
  std::optional<wall_time> end;
  for (const std::string_view name : {"se", "ske"})
    if (const auto text = find_parameter(scheme, query, name)) end = earlier(end, read_date(*text));
  return end;
}

/// Base64 (RFC 4648) with the three characters that CloudFront puts in place of "+", "=" and "/".
std::string cloudfront_decoded(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

std::optional<wall_time> statement_end(simdjson::dom::element statement) {
  const auto until = statement.at_pointer("/Condition/DateLessThan/AWS:EpochTime");
  if (std::int64_t epoch = 0; !until.get(epoch)) return read_epoch(std::to_string(epoch));
  if (std::string_view text; !until.get(text)) return read_epoch(std::string(text));
  return std::nullopt;
}

/// Conditions but DateLessThan (IpAddress, DateGreaterThan) do not end a URL.
std::optional<wall_time> policy_end(std::string_view policy) {
  const simdjson::padded_string json(cloudfront_decoded(policy));
  simdjson::dom::parser parser;
  simdjson::dom::array statements;
  if (parser.parse(json)["Statement"].get(statements)) return std::nullopt;
  std::optional<wall_time> end;
  for (const auto statement : statements)
    end = earlier(end, statement_end(statement));
  return end;
}

std::optional<wall_time> cloudfront_end(const signing_scheme& scheme, std::string_view query) {
  if (const auto policy = find_parameter(scheme, query, "Policy")) return policy_end(*policy);
  return read_epoch(find_parameter(scheme, query, "Expires"));
}

std::optional<wall_time> signature_end(vendor v, std::string_view query) {
  const auto& scheme = signing_schemes[static_cast<std::size_t>(v)];
  switch (v) {
  case vendor::aws_v4:
    return date_and_lifetime(scheme, query, "X-Amz-Date", "X-Amz-Expires");
  case vendor::google_v4:
    return date_and_lifetime(scheme, query, "X-Goog-Date", "X-Goog-Expires");
  case vendor::aws_v2:
  case vendor::google_v2:
    return read_epoch(find_parameter(scheme, query, "Expires"));
  case vendor::azure:
    return azure_end(scheme, query);
  case vendor::cloudfront:
    return cloudfront_end(scheme, query);
  }
  return std::nullopt;
}

} // namespace

std::string redact_url(std::string_view url) {
  const auto parts = split_url(url);
  const auto shown_end = parts.path.data() + parts.path.size();
  const auto authority_begin = parts.userinfo.empty() ? parts.authority.data() : parts.userinfo.data();
  std::string shown(url.data(), authority_begin);
  shown.append(parts.authority.data(), shown_end);
  return shown;
}

std::string unsigned_url(std::string_view url) {
  std::string buffer;
  return std::string(without_signature(url, buffer));
}

std::optional<wall_time> presigned_until(std::string_view url) {
  if (!may_be_signed(url)) return std::nullopt;
  const auto query = split_url(url).query;
  const auto signs = signers_of(query);
  std::optional<wall_time> end;
  for (std::size_t i = 0; i < vendors; ++i)
    if (signs[i]) end = earlier(end, signature_end(static_cast<vendor>(i), query));
  return end;
}

bool has_temporary_credentials(std::string_view url) {
  if (!may_be_signed(url)) return false;
  auto query = split_url(url).query;
  const auto signs = signers_of(query);
  const auto aws = [&](vendor v) { return signs[static_cast<std::size_t>(v)]; };
  if (!aws(vendor::aws_v4) && !aws(vendor::aws_v2)) return false;
  while (!query.empty())
    if (iequals(percent_decoded(next_parameter(query).name), "X-Amz-Security-Token")) return true;
  return false;
}

} // namespace mcbatch::manifest
