#include <mcbatch/quota/limit.hpp>

#include <mcbatch/core/text.hpp>

#include <array>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr std::array tier_names{std::string_view("free"), std::string_view("basic"), std::string_view("pro"),
                                std::string_view("enterprise")};

} // namespace

result<limit> parse_limit(std::string_view text) {
  const auto slash = text.find('/');
  const auto requests = parse_integer<std::uint64_t>(text.substr(0, slash));
  if (slash == std::string_view::npos || !requests)
    return failure{errc::usage, "'" + std::string(text) + "' is no limit: write it as COUNT/DURATION, like 200/60s"};
  const auto window = parse_duration(text.substr(slash + 1));
  if (!window) return window.error();
  if (*requests == 0 || *window <= 0s)
    return failure{errc::usage,
                   "'" + std::string(text) + "' lets nothing through: count and window must be above zero"};
  return limit{*requests, *window};
}

std::string to_string(const limit& l) {
  // The hour keeps its own unit, the shorter windows are told in seconds: 200/60s, 10000/1h.
  return std::to_string(l.requests) + "/" + format_duration(l.window);
}

std::string_view to_string(tier t) noexcept {
  return tier_names[static_cast<std::size_t>(t)];
}

std::optional<tier> tier_from_string(std::string_view text) noexcept {
  for (std::size_t i = 0; i < tier_names.size(); ++i)
    if (tier_names[i] == text) return static_cast<tier>(i);
  return std::nullopt;
}

const std::vector<limit>& limits_of(tier t) {
  static const std::array<std::vector<limit>, tier_names.size()> all{{
      {{10, 1min}, {100, 1h}},
      {{50, 1min}, {1000, 1h}},
      {{200, 1min}, {10000, 1h}},
      {{1000, 1min}},
  }};
  return all[static_cast<std::size_t>(t)];
}

} // namespace mcbatch::quota
