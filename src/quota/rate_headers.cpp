#include <mcbatch/quota/rate_headers.hpp>

#include <mcbatch/core/date.hpp>

#include "quota/header_time.hpp"
#include "quota/rate_windows.hpp"

#include <mcbatch/core/text.hpp>

#include <algorithm>
#include <utility>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

bool is_complete(const rate_info& info) {
  return info.limit && info.remaining && info.reset_in;
}

bool says_anything(const rate_info& info) {
  return info.limit || info.unlimited || info.remaining || info.reset_in;
}

/// By length, but what is longer than the hour comes last: no limit that is kept here is, and one that governs in the
/// hour's place would let the hour be exceeded.
std::pair<bool, duration> rank(const rate_info& info) {
  const auto length = info.window.value_or(info.reset_in.value_or(0s));
  return {length <= 1h + 2s, length}; // whole seconds, rounded up
}

/// The highest in rank of the first family that has such a window.
const rate_info* pick(const std::vector<rate_windows>& families, bool (*is_such)(const rate_info&)) {
  const rate_info* best = nullptr;
  for (const auto& windows : families) {
    for (const auto& info : windows)
      if (is_such(info) && (!best || rank(info) > rank(*best))) best = &info;
    if (best) break;
  }
  return best;
}

/// Every field that describes a window has "Limit" in its name.
bool may_describe(const headers& fields) {
  return std::ranges::any_of(fields, [](const header& field) {
    constexpr std::string_view mark = "limit";
    for (std::size_t at = 0; at + mark.size() <= field.name.size(); ++at)
      if ((field.name[at] == 'l' || field.name[at] == 'L') && iequals(field.name.substr(at, mark.size()), mark))
        return true;
    return false;
  });
}

void lengthen(std::optional<duration>& wait, duration other) {
  wait = std::max(wait.value_or(other), other);
}

} // namespace

rate_info parse_rate_headers(const headers& fields, wall_time arrived) {
  const bool describes = may_describe(fields);
  if (!describes && !fields.find("Retry-After")) return {};
  auto date = arrived;
  if (const auto text = fields.find("Date"))
    if (const auto parsed = parse_http_date(trim(*text))) date = *parsed;

  const auto families = describes ? described_windows(fields, date) : std::vector<rate_windows>();
  const auto* described = pick(families, is_complete);
  if (!described) described = pick(families, says_anything);
  auto info = described ? *described : rate_info{};
  for (const auto& windows : families)
    for (const auto& w : windows)
      if (w.remaining == 0U && w.reset_in) lengthen(info.exhausted_for, *w.reset_in);
  for (const auto& field : fields)
    if (iequals(field.name, "Retry-After"))
      if (const auto wait = parse_header_time(trim(field.value), date)) lengthen(info.retry_after, wait->in);
  return info;
}

} // namespace mcbatch::quota
