#ifndef MCBATCH_QUOTA_OTHER_CLIENTS_HPP
#define MCBATCH_QUOTA_OTHER_CLIENTS_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/rate_headers.hpp>
#include <mcbatch/quota/spend_log.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace mcbatch::quota {

/// Who else spends the account's quota and cannot be told of it: a dashboard, another team. They show in what the
/// answers say of windows that our own requests do not explain.
///
/// While somebody is there, no window that is described is used beyond what it has left for certain, and they are left
/// what they will want of it until its Reset, if they go on as they did; what they do not want is taken in the end.
class other_clients {
public:
  /// No word holds for longer than `longest_wait`.
  explicit other_clients(duration longest_wait) : longest_wait_(longest_wait) {}

  /// In the fixed window that the headers show, and whose first answer came at `begun`, `total` requests are none of
  /// ours so far.
  void on_count(instant begun, instant now, std::uint64_t total);

  /// A whole answer came to a request that left at `left`, and described the window of that limit, or none: what was
  /// said of others that were over by then holds no longer.
  void drop_old_words(instant left, std::optional<std::uint64_t> told);

  /// A whole answer came at `now` to a request that left at `left`, and described a window of that length. `ours`: what
  /// is spent by us, with that answer. `is_counted`: that window is the one that `on_count` tells of.
  void on_answer(instant left, instant now, const rate_info& rate, duration window, const spend_log& ours,
                 bool is_counted);

  /// Somebody is there who takes perhaps so many requests in a second.
  void suspect(instant now, double per_second);

  /// How many requests of others to expect in a second; 0 while nobody is seen.
  [[nodiscard]] double per_second(instant now) const;

  /// How much of a window of that length to leave to them, where nothing tells how it stands: what they are expected to
  /// send in it, and then some, since they do not come evenly.
  [[nodiscard]] std::uint64_t reserve(instant now, duration window) const;

  /// Whether a window of that many requests was described lately.
  [[nodiscard]] bool knows(instant now, std::uint64_t limit) const;

  /// From when on one more may leave as far as the windows go that were described: `now` or earlier, or nothing if it
  /// takes an answer. Of interest only while somebody is seen.
  [[nodiscard]] std::optional<instant> free_from(instant now, const spend_log& ours) const;

private:
  /// The last that was said of a window.
  struct word {
    std::uint64_t limit, remaining;
    duration window;
    instant left, told;     // its request's leaving and answer
    instant resets;         // at the latest
    bool is_fixed;          // it is used anew after Reset, and not little by little
    unsigned unchanged = 0; // how often Remaining was the same again
  };
  struct pace {
    instant at;
    double per_second;
  };

  [[nodiscard]] double counted_per_second() const;
  [[nodiscard]] duration until_worth_asking(instant now, const word& w) const;
  [[nodiscard]] std::optional<instant> free_from(instant now, const word& w, const spend_log& ours) const;

  duration longest_wait_;
  std::map<std::uint64_t, word> words_; // by the window's limit
  struct {
    instant begun, told;
    std::uint64_t counted = 0;
    double before = 0;     // how many there were in a second of the window before
  } count_;                // of the fixed window
  std::deque<pace> paces_; // seen by other windows, the quickest first
};

} // namespace mcbatch::quota

#endif
