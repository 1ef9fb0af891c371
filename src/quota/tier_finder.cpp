#include <mcbatch/quota/tier_finder.hpp>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t ambiguous = 1000;
constexpr duration stillness = 2s; // Date and Reset count whole seconds
constexpr duration longest_minute = 1min + stillness;
constexpr duration longest_token = duration(1h) / ambiguous + stillness;

} // namespace

void tier_finder::watch_thousand(instant now, const rate_info& rate) {
  if (rate.window && *rate.window > longest_minute) thousand_is_hour_ = true;
  if (!rate.reset_in) return;
  const auto resets = now + *rate.reset_in;
  if (*rate.reset_in > longest_minute) thousand_is_hour_ = true;
  // What advances by a minute may be the hour all the same: a bucket's, which has its next token in 3.6 s, or a sliding
  // one that somebody spends once a minute, whose Remaining recovers by that one.
  const bool advanced = thousand_ && std::chrono::abs(resets - thousand_->resets - 1min) <= stillness;
  const bool recovered = thousand_ && rate.remaining && *rate.remaining > thousand_->remaining + 1;
  if (advanced && recovered && *rate.reset_in > longest_token) thousand_is_minute_ = true;
  if (rate.remaining) thousand_ = {resets, *rate.remaining};
}

std::optional<tier> tier_finder::meaning_of(const rate_info& rate) const {
  if (rate.unlimited) return tier::enterprise;
  if (!rate.limit) return std::nullopt;
  if (*rate.limit == ambiguous) {
    if (thousand_is_hour_) return tier::basic;
    return thousand_is_minute_ ? tier::enterprise : undecided_;
  }
  for (const auto t : {tier::free, tier::basic, tier::pro})
    for (const auto& l : limits_of(t))
      if (l.requests == *rate.limit) return t;
  return std::nullopt;
}

void tier_finder::on_answer(instant now, const rate_info& rate) {
  if (rate.limit == ambiguous) watch_thousand(now, rate);
  const auto shown = meaning_of(rate);
  if (!shown) return;
  if (shown == found_) {
    candidate_.reset();
  } else if (shown == candidate_) {
    found_ = shown;
  } else {
    candidate_ = shown;
  }
}

} // namespace mcbatch::quota
