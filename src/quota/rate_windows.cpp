#include "quota/rate_windows.hpp"

#include "quota/header_list.hpp"
#include "quota/header_time.hpp"
#include "quota/rate_count.hpp"

#include <mcbatch/core/text.hpp>

#include <algorithm>
#include <string>

namespace mcbatch::quota {
namespace {

using text = std::optional<std::string_view>;
using texts = std::vector<std::string_view>;

/// What a service says of a window apart from how it stands.
struct policy {
  std::string_view name;
  std::optional<std::uint64_t> quota;
  std::optional<duration> window;
  bool counts_requests = true; ///< and not bytes, say
};
using policies = std::vector<policy>;

std::optional<duration> read_window(text seconds) {
  const auto count = seconds ? parse_integer<std::uint32_t>(*seconds) : std::nullopt;
  if (!count || *count == 0 || std::chrono::seconds(*count) > farthest) return std::nullopt;
  return std::chrono::seconds(*count);
}

/// `"default";q=100;w=60` or, up to draft 7, `100;w=60`.
policy to_policy(const list_item& item) {
  const auto unit = item.parameter("qu");
  const auto quota = item.parameter("q").value_or(item.value);
  return {item.value, read_count(quota, std::nullopt).limit, read_window(item.parameter("w")),
          !unit || iequals(*unit, "requests")};
}

/// How long the window of that many requests is; nothing where two are in question.
std::optional<duration> window_of(const policies& known, std::optional<std::uint64_t> limit) {
  std::optional<duration> window;
  for (const auto& p : known) {
    if (!limit || p.quota != limit || !p.counts_requests || !p.window) continue;
    if (window && window != p.window) return std::nullopt;
    window = p.window;
  }
  return window;
}

rate_info describe(text limit, text remaining, text reset, wall_time date) {
  const auto resets = reset ? parse_header_time(*reset, date) : std::nullopt;
  const auto count = read_count(limit, remaining, !reset || resets || is_word_for_unlimited(*reset));
  rate_info info{.limit = count.limit, .unlimited = count.unlimited, .remaining = count.remaining};
  if (resets && resets->in > duration::zero()) {
    info.reset_in = resets->in;
    info.reset_at = resets->at;
  }
  return info;
}

/// The one value that a list comes down to.
text only(const texts& list) {
  const bool differ = std::ranges::adjacent_find(list, std::ranges::not_equal_to()) != list.end();
  if (list.empty() || differ) return std::nullopt;
  return list.front();
}

texts values_of(const std::vector<list_item>& items) {
  texts values;
  for (const auto& item : items)
    values.push_back(item.value);
  return values;
}

/// Like `list_of`, but for dates, which have a comma in them.
texts times_of(const headers& fields, std::string_view name, wall_time date) {
  texts whole;
  for (const auto& field : fields) {
    if (!iequals(field.name, name)) continue;
    if (!parse_header_time(trim(field.value), date)) return values_of(list_of(fields, name));
    whole.push_back(trim(field.value));
  }
  return whole;
}

/// Limit, Remaining and Reset, each a field of its own.
rate_windows read_fields(const headers& fields, const std::string& prefix, wall_time date, policies& known) {
  auto limits = list_of(fields, prefix + "Limit");
  for (const auto& item : limits)
    if (item.parameter("w")) known.push_back(to_policy(item));
  // "5, 60;w=60, 5;w=1": the first is what Remaining and Reset are of, and the rest are policies.
  const auto has_window = [](const list_item& item) { return item.parameter("w").has_value(); };
  if (limits.size() > 1 && !has_window(limits[0]) && std::all_of(limits.begin() + 1, limits.end(), has_window))
    limits.resize(1);

  const auto counts = values_of(limits), remainings = values_of(list_of(fields, prefix + "Remaining")),
             resets = times_of(fields, prefix + "Reset", date);
  if (counts.size() != remainings.size() || counts.size() != resets.size())
    return {describe(only(counts), only(remainings), only(resets), date)};
  rate_windows windows;
  for (std::size_t i = 0; i < counts.size(); ++i)
    windows.push_back(describe(counts[i], remainings[i], resets[i], date));
  return windows;
}

/// `limit=100, remaining=50, reset=5`, a member a value.
rate_info read_dictionary(const std::vector<list_item>& members, wall_time date) {
  const auto value_of = [&](std::string_view key) {
    text value;
    for (const auto& member : members)
      if (member.value.size() > key.size() && member.value[key.size()] == '=' &&
          iequals(member.value.substr(0, key.size()), key))
        value = trim(member.value.substr(key.size() + 1));
    return value;
  };
  return describe(value_of("limit"), value_of("remaining"), value_of("reset"), date);
}

/// `"burst";r=50;t=30, "hour";r=900;t=1800`, whose limits their policies tell; or else a dictionary.
rate_windows read_joint(const std::vector<list_item>& items, wall_time date, const policies& known) {
  rate_windows windows{read_dictionary(items, date)};
  for (const auto& item : items) {
    auto info = describe(std::nullopt, item.parameter("r"), item.parameter("t"), date);
    const auto p = std::ranges::find(known, item.value, &policy::name);
    if (p != known.end() && p->counts_requests) {
      info.limit = p->quota;
      info.window = p->window;
    }
    windows.push_back(info);
  }
  return windows;
}

} // namespace

std::vector<rate_windows> described_windows(const headers& fields, wall_time date) {
  policies known;
  for (const auto& item : list_of(fields, "RateLimit-Policy"))
    known.push_back(to_policy(item));
  const auto joint = list_of(fields, "RateLimit");
  std::vector<rate_windows> families{read_fields(fields, "X-RateLimit-", date, known),
                                     read_fields(fields, "X-Rate-Limit-", date, known), read_joint(joint, date, known),
                                     read_fields(fields, "RateLimit-", date, known)};
  for (auto& windows : families)
    for (auto& info : windows)
      if (!info.window) info.window = window_of(known, info.limit);
  return families;
}

} // namespace mcbatch::quota
