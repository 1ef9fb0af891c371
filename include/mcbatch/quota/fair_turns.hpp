#ifndef MCBATCH_QUOTA_FAIR_TURNS_HPP
#define MCBATCH_QUOTA_FAIR_TURNS_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/event.hpp>
#include <mcbatch/quota/limit.hpp>
#include <mcbatch/quota/time_tally.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <optional>

namespace mcbatch::quota {

/// Whose turn it is where several processes of an account wait for tokens.
///
/// Of those that want one, the next is for whoever took the fewest within the shortest window; among equals, for
/// whoever took none for the longest time, so that a handful of tokens goes round from window to window. At high rates
/// a process may run a twentieth of its share ahead, so that not every single token has to be handed on.
///
/// A process wants from its `want` until it leaves or is passed over. Whether it lives, the asker has to see to.
///
/// Pure: its state is the fold of the account's events. Not thread-safe.
class fair_turns {
public:
  /// Takes in what happened. A leave that was told before changes nothing.
  void apply(const event& e);

  /// The event that says that `process` waits for a token.
  [[nodiscard]] event want(std::uint64_t process, instant now) const;
  [[nodiscard]] bool wants(std::uint64_t process) const;

  /// Whether another process wants a token or took one since `since`.
  [[nodiscard]] bool has_company(std::uint64_t process, instant since) const;

  /// `process` could take a token now. The want that goes before it, if one does: its process, and the serial of what
  /// that sent last.
  [[nodiscard]] std::optional<request_id> goes_before(std::uint64_t process, instant now, const limit& shortest) const;

  /// Forgets the tokens that were taken until then.
  void forget_before(instant t);

private:
  struct standing {
    std::uint64_t last_serial = 0;
    instant last_left = instant::min();
    time_tally left;
    bool wants = false;
  };
  /// The least goes first.
  struct rank {
    std::uint64_t taken;
    instant last_left;
    std::uint64_t process;
    friend auto operator<=>(const rank&, const rank&) = default;
  };
  [[nodiscard]] const standing& of(std::uint64_t process) const;
  [[nodiscard]] rank rank_of(std::uint64_t process, instant since) const;

  std::map<std::uint64_t, standing> all_; // by process
};

} // namespace mcbatch::quota

#endif
