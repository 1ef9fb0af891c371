#ifndef MCBATCH_QUOTA_SERVER_WINDOW_HPP
#define MCBATCH_QUOTA_SERVER_WINDOW_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/rate_headers.hpp>
#include <mcbatch/quota/time_tally.hpp>

#include <cstdint>
#include <optional>

namespace mcbatch::quota {

/// The server's word on its long window (longer than a minute: the hour), as its headers describe it.
///
/// Within the window that ends at Reset, what may still leave is the least Remaining seen, less every request that the
/// answer which brought it cannot have counted. After Reset one request goes, and its answer tells how the new window
/// stands.
///
/// The window is trusted once it behaves: Reset holds still until it is past, then moves on by more than a minute, and
/// Remaining falls by at least one for each answer. Before that it only adds to our own count. One that misbehaves is
/// not heard until another window begins. However far away Reset is, no answer's word counts for longer than the
/// longest wait: then our own count decides, and one request goes to ask again.
class server_window {
public:
  /// `lost_for`: how long after we gave up on a request the server may still count it. `longest_wait`: for how long an
  /// answer's word holds.
  server_window(duration lost_for, duration longest_wait) : lost_for_(lost_for), longest_wait_(longest_wait) {}

  void on_leave(instant now);

  /// A whole answer came at `now`, refused or not, to a request that left at `left`. `known_long`: its Limit can only
  /// be that of a long window, however near its Reset.
  void on_answer(instant left, instant now, const rate_info& rate, bool known_long);

  /// A request that left at `left` was given up on at `now`; the server may still count it for `lost_for`.
  void on_lost(instant left, instant now, duration lost_for);

  /// A request did not leave after all, at `left`.
  void on_unsent(instant left);

  /// Whether there is a window to obey.
  [[nodiscard]] bool heard() const { return seen_ && !misbehaved_; }

  /// Whether it stands in place of our own count.
  [[nodiscard]] bool trusted(instant now) const { return heard() && behaved_ && now < seen_->told + longest_wait_; }

  /// Whether one more may leave while `in_flight` are out, and at most `own_cap` of ours in one window. Only while
  /// heard.
  [[nodiscard]] bool has_room(instant now, std::uint64_t in_flight, std::uint64_t own_cap) const;

  /// When one may go to ask how the window stands: Reset is past, or its word too old. Only while heard.
  [[nodiscard]] instant asks_at() const;

  /// How many requests it has counted so far that are none of ours, at the least. Only while heard.
  [[nodiscard]] std::uint64_t others(std::uint64_t in_flight) const;

  /// When its first answer came. Only while heard.
  [[nodiscard]] instant begun() const { return seen_->begun; }

  /// Its Limit. Only while heard.
  [[nodiscard]] std::uint64_t requests() const { return seen_->limit; }

private:
  struct window {
    std::uint64_t limit;
    std::optional<std::int64_t> reset_at;
    instant resets;       // the earliest that an answer implied: Date counts whole seconds, so each is late, none early
    instant resets_after; // likewise the latest that the leaving of an answer's request implied, but for a second
    instant turns;        // when it is over by our clock, at the latest: the two clocks drift apart
    instant begun;        // when its first answer came
    instant told;         // when its last one came
    instant least_at;     // when the least Remaining came
    std::uint64_t most_remaining, least_remaining;
    std::uint64_t answers = 1;
    std::uint64_t unheard = 0; // requests that brought no Remaining, and that a later one counted
  };

  void begin(instant left, instant now, const rate_info& rate);
  void continue_with(instant left, instant now, const rate_info& rate);
  void misbehave(instant now, const rate_info& rate, bool is_long);
  [[nodiscard]] bool is_current(instant left, instant now, const rate_info& rate) const;
  [[nodiscard]] instant turns_at() const;
  void remember(instant until, instant now);
  void come_back(instant left);

  duration lost_for_, longest_wait_;
  std::optional<window> seen_;
  bool behaved_ = false;
  bool misbehaved_ = false;
  std::optional<instant> first_left_; // the one request that went to ask
  // For each request that is over and brought no Remaining: until when the server may have counted it.
  time_tally unaccounted_;
};

} // namespace mcbatch::quota

#endif
