#ifndef MCBATCH_QUOTA_TIER_FINDER_HPP
#define MCBATCH_QUOTA_TIER_FINDER_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/limit.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <cstdint>
#include <optional>

namespace mcbatch::quota {

/// Tells the account's tier by the Limit that its answers show, once the same has been seen twice.
///
/// 1,000 is Basic's hour or Enterprise's minute. It means Basic, the lower, until its Reset is seen to advance by a
/// minute while Remaining recovers; once its Reset was more than a minute away, it is the hour for good.
class tier_finder {
public:
  /// `undecided`: what 1,000 means as long as nothing tells. Enterprise where the user has said so, else Basic.
  explicit tier_finder(tier undecided = tier::basic) : undecided_(undecided) {}

  void on_answer(instant now, const rate_info& rate);

  [[nodiscard]] std::optional<tier> found() const { return found_; }

private:
  [[nodiscard]] std::optional<tier> meaning_of(const rate_info& rate) const;
  void watch_thousand(instant now, const rate_info& rate);

  tier undecided_;
  std::optional<tier> found_, candidate_;
  bool thousand_is_hour_ = false, thousand_is_minute_ = false;
  struct reading {
    instant resets;
    std::uint64_t remaining;
  };
  std::optional<reading> thousand_; // the last
};

} // namespace mcbatch::quota

#endif
