#include <mcbatch/sandbox/rate_headers.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

namespace mcbatch::sandbox {

namespace {

struct triple {
  std::string limit;
  std::string remaining;
  std::string reset;
};

triple nonsense(std::uint64_t nth) {
  static const std::array<triple, 7> rows{{
      {"NaN", "NaN", "NaN"},
      {"-1", "-5", "-1705316400"},
      {"99999999999999999999999", "18446744073709551616", "9223372036854775808"},
      {"", "", ""},
      {"1000;w=3600", "956 requests", "2024-01-15T11:00:00Z"},
      {"0x3e8", "1e999", "1705316400.5"},
      {"0", "0", "253402300799"},
  }};
  return rows[nth % rows.size()];
}

template <class Unit>
std::int64_t in_units(duration since_epoch) {
  return std::chrono::ceil<Unit>(since_epoch).count();
}

std::string reset_text(header_kind kind, duration until_reset, wall_time now) {
  using namespace std::chrono_literals;
  const duration at = now.time_since_epoch() + until_reset;
  switch (kind) {
  case header_kind::millis:
    return fmt::to_string(in_units<std::chrono::milliseconds>(at));
  case header_kind::relative:
    return fmt::to_string(in_units<std::chrono::seconds>(until_reset));
  case header_kind::past:
    return fmt::to_string(in_units<std::chrono::seconds>(now.time_since_epoch() - 1h));
  default:
    return fmt::to_string(in_units<std::chrono::seconds>(at));
  }
}

} // namespace

std::optional<header_kind> header_kind_from_string(std::string_view text) noexcept {
  static constexpr std::array<std::pair<std::string_view, header_kind>, 8> names{{
      {"hour", header_kind::hour},
      {"minute", header_kind::minute},
      {"none", header_kind::none},
      {"millis", header_kind::millis},
      {"relative", header_kind::relative},
      {"past", header_kind::past},
      {"garbage", header_kind::garbage},
      {"shuffled", header_kind::shuffled},
  }};
  for (const auto& [name, kind] : names)
    if (name == text) return kind;
  return std::nullopt;
}

bool describes_shortest(header_kind kind, std::uint64_t nth) noexcept {
  return kind == header_kind::minute || (kind == header_kind::shuffled && nth % 2 == 1);
}

void add_rate_headers(headers& fields, header_kind kind, const rate_view& view, wall_time now, std::uint64_t nth) {
  if (kind == header_kind::none) return;
  const triple said = kind == header_kind::garbage ? nonsense(nth)
                                                   : triple{fmt::to_string(view.limit), fmt::to_string(view.remaining),
                                                            reset_text(kind, view.until_reset, now)};
  fields.add("X-RateLimit-Limit", said.limit);
  fields.add("X-RateLimit-Remaining", said.remaining);
  fields.add("X-RateLimit-Reset", said.reset);
}

std::string http_date(wall_time t) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::floor<std::chrono::seconds>(t)));
}

} // namespace mcbatch::sandbox
