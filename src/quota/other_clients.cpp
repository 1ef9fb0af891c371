#include <mcbatch/quota/other_clients.hpp>

#include <algorithm>
#include <cmath>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr duration remembered = 10min;  // how long they are expected to go on as they did
constexpr duration forgotten = 2h;      // and without any word of them
constexpr std::size_t most_words = 4;   // windows told apart: a service has two
constexpr unsigned most_unchanged = 8;  // a Remaining that never changes tells nothing
constexpr double worth_asking_for = 10; // requests
constexpr duration turn_margin = 250ms;
constexpr duration least_pause = 1s;

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

/// So many and hardly ever more, where so many are expected: a Poisson process exceeds it once in a thousand.
double upper(double expected) {
  return expected + 3 * std::sqrt(expected);
}

} // namespace

// Who is there

void other_clients::on_count(instant begun, instant now, std::uint64_t total) {
  if (begun != count_.begun) count_ = {begun, begun, 0, now < count_.told + forgotten ? counted_per_second() : 0};
  count_.told = now;
  count_.counted = std::max(count_.counted, total);
}

/// At the beginning of a window they are expected to be as many as in the one before.
double other_clients::counted_per_second() const {
  const auto elapsed = count_.told - count_.begun;
  const auto lacking = std::max<duration>(remembered - elapsed, 0s);
  return (static_cast<double>(count_.counted) + count_.before * seconds(lacking)) /
         seconds(std::max(elapsed, remembered));
}

void other_clients::drop_old_words(instant left, std::optional<std::uint64_t> told) {
  std::erase_if(words_, [&](const auto& known) { return known.first != told && left >= known.second.resets; });
}

void other_clients::on_answer(instant left, instant now, const rate_info& rate, duration window, const spend_log& ours,
                              bool is_counted) {
  if (!rate.limit || !rate.remaining || !rate.reset_in || *rate.remaining > *rate.limit) return;
  const auto known = words_.find(*rate.limit);
  const auto resets = now + std::min(stretched(std::min(*rate.reset_in, window)), longest_wait_);
  word fresh{*rate.limit, *rate.remaining, window, left, now, resets, is_counted};
  if (known == words_.end()) {
    if (words_.size() >= most_words) words_.clear();
    words_.emplace(*rate.limit, fresh);
  } else if (left >= known->second.left) { // answers overtake each other: what left last was counted last, or nearly
    if (fresh.remaining == known->second.remaining) fresh.unchanged = known->second.unchanged + 1;
    known->second = fresh;
  }

  if (is_counted) return;
  const auto used = *rate.limit - *rate.remaining;
  const auto own = ours.spent(now, window + (now - left));
  if (used > own) suspect(now, static_cast<double>(used - own) / seconds(window));
}

void other_clients::suspect(instant now, double per_second) {
  while (!paces_.empty() && paces_.back().per_second <= per_second)
    paces_.pop_back();
  paces_.push_back({now, per_second});
  while (paces_.front().at <= now - remembered)
    paces_.pop_front();
}

double other_clients::per_second(instant now) const {
  const auto counted = now < count_.told + forgotten ? counted_per_second() : 0;
  for (const auto& p : paces_) // descending
    if (p.at > now - remembered) return std::max(counted, p.per_second);
  return counted;
}

// What is left to them

std::uint64_t other_clients::reserve(instant now, duration window) const {
  const auto expected = per_second(now) * seconds(window);
  return expected > 0 ? static_cast<std::uint64_t>(std::min(upper(expected) + 2, 1e18)) : 0;
}

bool other_clients::knows(instant now, std::uint64_t limit) const {
  const auto known = words_.find(limit);
  return known != words_.end() && now < known->second.resets + 1min;
}

std::optional<instant> other_clients::free_from(instant now, const spend_log& ours) const {
  instant from = now;
  for (const auto& [limit, w] : words_) {
    const auto free = free_from(now, w, ours);
    if (!free) return std::nullopt;
    from = std::max(from, *free);
  }
  return from;
}

/// Where a window frees its requests one by one, who asks at the first is refused when another was quicker. So it is
/// waited until some are likely to be free for us.
duration other_clients::until_worth_asking(instant now, const word& w) const {
  if (w.is_fixed) return 0s;
  const auto freed = static_cast<double>(w.limit) / seconds(w.window);
  const auto for_us = std::max(freed - per_second(now), freed / 4);
  return std::min(std::chrono::duration_cast<duration>(std::chrono::duration<double>(worth_asking_for / for_us)),
                  w.window / 4);
}

std::optional<instant> other_clients::free_from(instant now, const word& w, const spend_log& ours) const {
  if (w.unchanged >= most_unchanged) return now; // it tells nothing
  const auto turns = std::min(w.resets + turn_margin + until_worth_asking(now, w), w.told + longest_wait_);
  if (now >= turns + forgotten) return now; // nobody speaks of that window any more
  // One goes to ask how it stands now; the others wait for the answer.
  if (now >= turns) return ours.in_flight() == 0 ? std::optional(now) : std::nullopt;

  const auto over = ours.settled_after(w.left);
  const auto out = over - std::min<std::uint64_t>(over, 1) + ours.in_flight(); // without the one that brought the word
  const auto left = static_cast<double>(w.remaining) - static_cast<double>(out);
  const auto expected = per_second(now);
  const auto wanted = expected * seconds(std::max<duration>(w.resets - now, 0s));
  if (left - upper(expected * seconds(now - w.left)) - wanted >= 1) return now;
  if (ours.in_flight() > 0) return std::nullopt;
  // They may want less than is thought: one at a time goes to see, while there is likely to be room for it.
  const auto pause = std::max({least_pause, (w.resets - w.told) / 16, until_worth_asking(now, w)});
  const auto at = std::max(now, w.told + pause);
  return left - upper(expected * seconds(at - w.left)) >= 1 ? std::min(at, turns) : turns;
}

} // namespace mcbatch::quota
