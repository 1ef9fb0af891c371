#ifndef MCBATCH_SANDBOX_WEBHOOK_QUEUE_HPP
#define MCBATCH_SANDBOX_WEBHOOK_QUEUE_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/webhook_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

namespace mcbatch::sandbox {

/// An event that is to leave now.
struct webhook_event {
  std::string body;
  std::string signature; ///< X-MediaConvert-Signature, with "sha256=" before it
  std::shared_ptr<const webhook_job> job;
  planned_event what;
  int tries = 0; ///< before this one
};

/// What came of one delivery.
struct webhook_answer {
  int status = 0;      ///< 0 where there was no whole answer
  std::string why_not; ///< a sentence, where there was none
};

/// What came of all of them until now. Each try counts: `sent` are answered, refused, failed, or still under way.
struct webhook_counts {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0; ///< 2xx
  std::uint64_t refused = 0;  ///< another status
  std::uint64_t failed = 0;   ///< no whole answer
  std::uint64_t forged = 0;   ///< sent with a wrong signature, which should have been refused
  std::uint64_t waiting = 0;  ///< planned, and not sent yet
  std::string last_failure;   ///< why the last of those that failed did
};

/// The webhook events of all jobs, each at its time, tried again as the plan says. Without clock or socket; for one
/// thread at a time.
class webhook_queue {
public:
  webhook_queue(webhook_plan plan, std::string secret) : plan_(plan), secret_(std::move(secret)) {}

  /// Takes up a job's events. Returns how much longer the answer to its create is held back.
  duration add(webhook_job job);

  /// When the next event is to leave; nothing where none is left.
  [[nodiscard]] std::optional<instant> next() const;

  /// The next event, if it is to leave by `now`. It counts as sent.
  std::optional<webhook_event> take(instant now);

  /// What came of one that was taken: it may have to be sent again.
  void on_answer(const webhook_event& event, const webhook_answer& answer, instant now);

  [[nodiscard]] webhook_counts counts() const;

private:
  struct entry {
    instant leaves;
    std::uint64_t nth; // of all that were entered: what leaves at the same time leaves in that order
    std::shared_ptr<const webhook_job> job;
    planned_event what;
    int tries;

    friend bool operator<(const entry& a, const entry& b) {
      return a.leaves != b.leaves ? a.leaves > b.leaves : a.nth > b.nth; // the earliest on top
    }
  };

  webhook_plan plan_;
  std::string secret_;
  std::priority_queue<entry> entries_;
  std::uint64_t entered_ = 0;
  webhook_counts counts_; // but for those that wait
};

} // namespace mcbatch::sandbox

#endif
