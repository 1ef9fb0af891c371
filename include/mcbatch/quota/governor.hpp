#ifndef MCBATCH_QUOTA_GOVERNOR_HPP
#define MCBATCH_QUOTA_GOVERNOR_HPP

#include <mcbatch/core/random.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/event.hpp>
#include <mcbatch/quota/gate.hpp>
#include <mcbatch/quota/limit.hpp>
#include <mcbatch/quota/other_clients.hpp>
#include <mcbatch/quota/server_window.hpp>
#include <mcbatch/quota/spend_log.hpp>
#include <mcbatch/quota/tier_finder.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace mcbatch::quota {

struct governor_settings {
  std::optional<tier> ceiling{};                   ///< the tier that the user gave; nothing for `auto`
  std::vector<limit> limits{};                     ///< what the user gave in place of a tier's
  unsigned share_percent = 100;                    ///< of every limit, 1 to 100
  duration timeout = std::chrono::seconds(30);     ///< of one exchange
  duration max_backoff = std::chrono::minutes(65); ///< no wait that a header asks for is longer
};

/// What a request has to wait for.
enum class wait_for {
  nothing,
  first_answer, ///< one request goes first, at the start and after each pause
  window,       ///< a window's tokens are all out
  pause,        ///< a 429 shut the gate
};

/// The answer to "may a request leave now?".
struct admission {
  bool go = true;
  std::optional<instant> until; ///< when to ask again; nothing: at the next event
  wait_for why = wait_for::nothing;
  duration window{}; ///< which window binds, where one does
};

/// Says when the next request may leave, so that the account's limits hold under every reading of them.
///
/// Pure: it knows no clock. Its state is the fold of `event`s, our own and those of other processes of the account. Not
/// thread-safe.
class governor {
public:
  /// `process`: this run, as in its events.
  governor(governor_settings settings, std::uint64_t process, random_source random);

  /// May a request leave at `now`? Asking costs nothing.
  [[nodiscard]] admission admit(instant now) const;

  /// Spends a token for a request that leaves now. Only after `admit(now)` said go.
  event leave(instant now);

  /// Takes in what happened. Events come in the order of their times, but for those of processes that overlap. An event
  /// that was told before changes nothing.
  void apply(const event& e);

  /// A request that is in flight.
  struct flight {
    instant left;
    duration timeout; ///< its process gives it up that long after it left
  };
  [[nodiscard]] const std::map<request_id, flight>& in_flight() const { return in_flight_; }

  /// How many tokens of a window of that length are out at `now`, whichever process spent them.
  [[nodiscard]] std::uint64_t used(instant now, duration window) const { return log_.spent(now, window); }
  /// How many requests of theirs were over later than `at`.
  [[nodiscard]] std::uint64_t over_after(instant at) const { return log_.settled_after(at); }

  /// The limits that hold, after tier and share.
  [[nodiscard]] std::vector<limit> limits() const;

  /// Of these the one with the shortest window.
  [[nodiscard]] const limit& shortest() const;

  /// The tier that holds: found or given; Free while nothing is known.
  [[nodiscard]] tier current_tier() const;

  /// The longest time for which an event still matters.
  [[nodiscard]] duration memory() const;

private:
  /// A limit and what a 429 that nobody expected made of it.
  struct rule {
    limit full;          // after share
    double squeeze = 1;  // the part of it that is used, at `since`
    double regrowth = 0; // by how much of it that grows in each of its windows
    instant since{};
    [[nodiscard]] limit at(instant now) const;
  };

  void on_answer(const event& e, instant left);
  void on_refusal(const event& e);
  void watch_others(const event& e, instant left);
  void squeeze(const event& e);
  void adopt_tier();
  [[nodiscard]] std::optional<duration> window_of(const rate_info& rate) const;
  [[nodiscard]] bool is_long_limit(const rate_info& rate) const;
  [[nodiscard]] std::uint64_t own_cap(instant now) const;
  [[nodiscard]] limit of_the_account(const limit& l) const;

  governor_settings settings_;
  std::uint64_t process_;
  random_source random_;

  std::vector<rule> rules_;
  std::optional<tier> adopted_; // which tier's they are
  spend_log log_;
  server_window server_;
  tier_finder finder_;
  other_clients others_;
  gate gate_;
  std::map<request_id, flight> in_flight_;
  std::map<std::uint64_t, std::uint64_t> last_serial_of_; // of each process's requests that left
  std::uint64_t own_in_flight_ = 0;
  bool one_first_ = true;
  bool proven_ = false; // some process of the account got another answer than 429 since the last pause
};

} // namespace mcbatch::quota

#endif
