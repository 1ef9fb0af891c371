#ifndef MCBATCH_CORE_MONEY_HPP
#define MCBATCH_CORE_MONEY_HPP

#include <cstdint>
#include <limits>

namespace mcbatch {

// Amounts of money are in millionths of a euro.

/// No job costs more: a million euros. What is said to cost more is taken for an error of whoever says it.
inline constexpr std::int64_t dearest_believed = 1'000'000'000'000;

constexpr bool is_believed(std::int64_t cost) noexcept {
  return cost >= 0 && cost <= dearest_believed;
}

/// The sum, or where that is beyond what can be held, the most or the least that can be.
constexpr std::int64_t add_saturating(std::int64_t a, std::int64_t b) noexcept {
  constexpr auto most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? most : least;
}

} // namespace mcbatch

#endif
