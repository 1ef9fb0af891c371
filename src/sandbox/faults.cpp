#include <mcbatch/sandbox/faults.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace mcbatch::sandbox {

namespace {

/// The whole of `text` as a number; nothing if it is anything else.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<fault> fault_from_string(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, fault_kind>, 9> names{{
      {"429", fault_kind::rate_limit},
      {"500+", fault_kind::status_500},
      {"lost", fault_kind::lost},
      {"drop", fault_kind::drop},
      {"truncated", fault_kind::truncated},
      {"hang", fault_kind::hang},
      {"noid", fault_kind::no_id},
      {"html", fault_kind::html},
      {"redirect", fault_kind::redirect},
  }};
  for (const auto& [name, kind] : names)
    if (name == text) return fault{kind};
  const auto status = number<int>(text);
  if (!status || *status < 300 || *status > 599) return std::nullopt;
  return fault{fault_kind::status, *status};
}

struct range {
  std::uint64_t first;
  std::uint64_t last;
};

/// "N", "N-M" or "N-", counted from 1.
std::optional<range> range_from_string(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = number<std::uint64_t>(text.substr(0, dash));
  if (!first || *first == 0) return std::nullopt;
  if (dash == std::string_view::npos) return range{*first, *first};
  if (dash + 1 == text.size()) return range{*first, std::numeric_limits<std::uint64_t>::max()};
  const auto last = number<std::uint64_t>(text.substr(dash + 1));
  if (!last || *last < *first) return std::nullopt;
  return range{*first, *last};
}

failure bad_rule(std::string_view rule, std::string_view why) {
  return {errc::bad_setting, fmt::format("The fault rule \"{}\" cannot be used: {}.", rule, why)};
}

} // namespace

bool strikes_after_processing(fault_kind kind) noexcept {
  return kind >= fault_kind::status_500;
}

result<fault_plan::rule> fault_plan::parse_rule(std::string_view text) {
  constexpr std::string_view all = "all/";
  const bool every_request = text.starts_with(all);
  const std::string_view body = every_request ? text.substr(all.size()) : text;
  const auto mark = body.find_first_of("@:");
  if (mark == std::string_view::npos)
    return bad_rule(text, "after what goes wrong comes @N, @N-M, @N- or :P; only retry-after stands alone");

  const auto what = fault_from_string(body.substr(0, mark));
  if (!what)
    return bad_rule(text, "it has to begin with a status from 300 to 599, or with 500+, lost, drop, truncated, hang, "
                          "noid, html or redirect");

  const std::string_view where = body.substr(mark + 1);
  if (body[mark] == ':') {
    const auto probability = number<double>(where);
    if (!probability || !(*probability >= 0 && *probability <= 1)) // NaN is neither
      return bad_rule(text, "the probability after : has to be a number from 0 to 1");
    return rule{*what, every_request, 0, 0, probability};
  }
  const auto hits = range_from_string(where);
  if (!hits) return bad_rule(text, "after @ comes N, N-M or N-, counted from 1, with M no less than N");
  return rule{*what, every_request, hits->first, hits->last, std::nullopt};
}

result<fault_plan> fault_plan::parse(std::string_view spec, std::uint64_t seed) {
  fault_plan plan(seed);
  while (!spec.empty()) {
    const auto comma = spec.find(',');
    const std::string_view text = spec.substr(0, comma);
    if (text == "retry-after") {
      plan.retry_after_ = true;
    } else {
      auto parsed = parse_rule(text);
      if (!parsed) return parsed.error();
      plan.rules_.push_back(*parsed);
    }
    if (comma == std::string_view::npos) break;
    spec.remove_prefix(comma + 1);
    if (spec.empty()) return bad_rule("", "a comma comes before it and nothing after");
  }
  return plan;
}

std::optional<fault> fault_plan::next(bool is_create) {
  ++requests_;
  if (is_create) ++creates_;
  std::optional<fault> hit;
  for (const rule& r : rules_) {
    if (!is_create && !r.every_request) continue;
    const std::uint64_t n = r.every_request ? requests_ : creates_;
    // Every rule draws, whether an earlier one has hit or not, so that adding a rule moves no other rule's faults.
    const bool hits = r.probability ? random_.unit() < *r.probability : n >= r.first && n <= r.last;
    if (hits && !hit) hit = r.what;
  }
  return hit;
}

} // namespace mcbatch::sandbox
