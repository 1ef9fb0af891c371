#include <mcbatch/quota/server_window.hpp>
#include <mcbatch/quota/spend_log.hpp>

#include <algorithm>
#include <cstdlib>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr duration stillness = 2s;                         // Date and Reset count whole seconds, and answers take time
constexpr duration longest_short_window = 60s + stillness; // a Reset farther away is not the minute's
constexpr duration turn_margin = 250ms; // a request too early may be refused, a quarter of a second costs nothing

/// How far two clocks may drift apart in that time.
duration drift_over(duration time) {
  return stretched(time) - time;
}

/// When a window is over that the service says ends in `reset_in`, at the latest, by our clock.
instant latest_turn(instant now, const rate_info& rate) {
  return now + stretched(*rate.reset_in);
}

} // namespace

// What an answer tells

void server_window::on_answer(instant left, instant now, const rate_info& rate, bool known_long) {
  come_back(left);
  const bool described = rate.limit && rate.remaining && rate.reset_in && *rate.remaining <= *rate.limit;
  if (!described || (seen_ && *rate.limit != seen_->limit)) {
    remember(now, now);
    // It was asked how the window stands, and that was not told: our own count takes over.
    if (seen_ && left >= asks_at()) seen_.reset();
    return;
  }
  const bool is_long = known_long || *rate.reset_in > longest_short_window;
  if (!seen_) {
    if (is_long)
      begin(left, now, rate);
    else
      remember(now, now);
    return;
  }
  const auto resets = now + *rate.reset_in;
  if (resets - seen_->resets > longest_short_window)
    begin(left, now, rate);
  else if (left >= turns_at())
    misbehave(now, rate, is_long); // Reset is past, and the window goes on
  else if (is_current(left, now, rate))
    continue_with(left, now, rate);
  else if (resets > seen_->resets || left >= seen_->begun || left + *rate.reset_in > seen_->begun + stillness)
    misbehave(now, rate, is_long); // Reset creeps on, as a sliding window's or a bucket's does, or it falls back
  // else it is a late answer of the window before: it was counted there
}

bool server_window::is_current(instant left, instant now, const rate_info& rate) const {
  if (seen_->reset_at && rate.reset_at) return std::abs(*seen_->reset_at - *rate.reset_at) <= stillness / 1s;
  // Seconds from now count from some moment between leaving and arrival, on a clock that drifts from ours.
  const auto tolerance = stillness + drift_over(now - seen_->begun);
  return left + *rate.reset_in <= seen_->resets + tolerance && now + *rate.reset_in >= seen_->resets_after - tolerance;
}

void server_window::begin(instant left, instant now, const rate_info& rate) {
  const bool in_time = !seen_ || now >= seen_->resets - stillness;
  behaved_ = behaved_ && !misbehaved_ && in_time;
  misbehaved_ = false;
  first_left_.reset();
  unaccounted_.forget_until(left); // the others may fall into the new window
  const auto remaining = *rate.remaining;
  seen_ = window{.limit = *rate.limit,
                 .reset_at = rate.reset_at,
                 .resets = now + *rate.reset_in,
                 .resets_after = left + *rate.reset_in,
                 .turns = latest_turn(now, rate),
                 .begun = now,
                 .told = now,
                 .least_at = now,
                 .most_remaining = remaining,
                 .least_remaining = remaining};
}

void server_window::continue_with(instant left, instant now, const rate_info& rate) {
  seen_->resets = std::min(seen_->resets, now + *rate.reset_in);
  seen_->resets_after = std::max(seen_->resets_after, left + *rate.reset_in);
  seen_->turns = std::min(seen_->turns, latest_turn(now, rate));
  seen_->told = std::max(seen_->told, now);
  seen_->most_remaining = std::max(seen_->most_remaining, *rate.remaining);
  ++seen_->answers;
  // What left after an answer was counted after it, and lowered its Remaining by at least one. So did every answer's
  // request, in whatever order the answers arrive.
  const bool counts_us = left < seen_->least_at || *rate.remaining < std::max<std::uint64_t>(seen_->least_remaining, 1);
  if (*rate.remaining <= seen_->least_remaining) {
    seen_->least_remaining = *rate.remaining;
    seen_->least_at = now;
    seen_->unheard += unaccounted_.forget_until(left); // counted before this one left
  }
  const bool counts_all = seen_->most_remaining - seen_->least_remaining + 1 >= seen_->answers;
  if (!counts_us || (!counts_all && seen_->least_remaining > 0))
    misbehaved_ = true;
  else if (counts_all)
    behaved_ = true;
}

/// Our own count takes over. Reset is followed all the same, to tell when another window begins.
void server_window::misbehave(instant now, const rate_info& rate, bool is_long) {
  misbehaved_ = true;
  remember(now, now); // an answer that overtook it may begin another window, and not have counted it
  if (!is_long) return;
  seen_->resets = seen_->resets_after = now + *rate.reset_in;
  seen_->turns = latest_turn(now, rate);
  seen_->reset_at = rate.reset_at;
}

// Requests that no answer accounts for

void server_window::on_lost(instant left, instant now, duration lost_for) {
  come_back(left);
  remember(now + lost_for, now);
}

void server_window::on_unsent(instant left) {
  come_back(left);
}

void server_window::remember(instant until, instant now) {
  // An answer takes `lost_for_` at most, so that the one that begins another window left after what is older.
  if (!heard()) unaccounted_.forget_until(now - lost_for_);
  unaccounted_.add(until);
}

// What may leave

void server_window::on_leave(instant now) {
  if (heard() && now >= asks_at() && !first_left_) first_left_ = now;
}

void server_window::come_back(instant left) {
  if (first_left_ && left >= *first_left_) first_left_.reset();
}

bool server_window::has_room(instant now, std::uint64_t in_flight, std::uint64_t own_cap) const {
  if (now >= asks_at()) return !first_left_;
  const auto out = in_flight + unaccounted_.count();
  return out < seen_->least_remaining && out + seen_->answers + seen_->unheard < own_cap;
}

std::uint64_t server_window::others(std::uint64_t in_flight) const {
  const auto used = seen_->most_remaining - seen_->least_remaining + 1;
  const auto ours = seen_->answers + seen_->unheard + unaccounted_.count() + in_flight;
  return used - std::min(used, ours);
}

instant server_window::asks_at() const {
  return std::min(turns_at(), seen_->told + longest_wait_);
}

instant server_window::turns_at() const {
  return seen_->turns + turn_margin;
}

} // namespace mcbatch::quota
