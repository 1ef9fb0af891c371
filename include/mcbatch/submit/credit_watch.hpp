#ifndef MCBATCH_SUBMIT_CREDIT_WATCH_HPP
#define MCBATCH_SUBMIT_CREDIT_WATCH_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>

namespace mcbatch::submit {

/// How the account's credit compares with what is left to be submitted. Amounts are in millionths of a euro.
struct credit_outlook {
  std::int64_t credit = 0; ///< what is left of it by our own count
  std::int64_t price = 0;  ///< of a job, by the service's estimates
  std::int64_t needed = 0; ///< at that price
  std::uint64_t jobs = 0;  ///< left
  [[nodiscard]] bool is_enough() const { return needed <= credit; }
  /// For how many jobs it will do.
  [[nodiscard]] std::uint64_t affordable() const {
    return credit <= 0 || price <= 0 ? 0 : static_cast<std::uint64_t>(credit / price);
  }
};

/// Decides when a run asks for the account's credit, and holds it against what the rest of the jobs will cost: once
/// their price is known, before the bulk of them leaves, and now and then while they do. A request in a hundred goes to
/// that at most, but for the first question and those that were not answered; and none in a run that is small and
/// cheap. Pure.
class credit_watch {
public:
  /// `price`: what a job of earlier runs cost; 0: not known.
  explicit credit_watch(std::int64_t price) : price_(price) {}

  void accepted(std::int64_t estimated_micros);

  /// Whether to ask now. `jobs_left` are those of the run that are still to be sent.
  [[nodiscard]] bool is_due(instant now, std::uint64_t jobs_left) const;
  void asked();
  /// What was answered; nothing: the service does not tell, and is not asked again.
  void told(std::optional<std::int64_t> credit_micros, instant now);
  void not_answered(instant now); ///< it is asked again a minute later, then after twice as long, ...

  /// Nothing while it is not known.
  [[nodiscard]] std::optional<credit_outlook> outlook(std::uint64_t jobs_left) const;

private:
  std::int64_t price_; // the mean of this run's jobs, once there are some
  std::int64_t spent_ = 0;
  std::uint64_t accepted_ = 0;

  std::optional<std::int64_t> credit_;         // when it was told
  std::int64_t spent_then_ = 0;                // and what had been spent by this run
  std::optional<instant> told_at_, failed_at_; // the latter until it is told
  duration pause_{};                           // after that
  std::uint64_t accepted_then_ = 0;
  bool asking_ = false, never_ = false;
};

} // namespace mcbatch::submit

#endif
