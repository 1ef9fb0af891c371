#include <mcbatch/quota/governor.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr duration longest_short_window = 1min; // our own count always governs windows up to that
constexpr double least_squeeze = 0.1;
// By how much of a limit what is left of it grows in each of its windows: by little where headers tell nothing of who
// else is there, so that another 429 is the only way to learn that they still are.
constexpr double quick_regrowth = 0.1, slow_regrowth = 0.01;

constexpr double suspected_part = 0.1; // of the shortest window: what somebody takes of whom only a 429 tells

std::uint64_t part_of(std::uint64_t requests, double part) {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::floor(static_cast<double>(requests) * part)));
}

std::uint64_t share_of(std::uint64_t requests, unsigned percent) {
  return std::max<std::uint64_t>(1, requests / 100 * percent + requests % 100 * percent / 100);
}

/// Joins what two bounds say: both must hold.
void add_bound(admission& all, std::optional<instant> until, wait_for why, duration window) {
  if (all.go || !until || (all.until && *all.until < *until)) {
    all.why = why;
    all.window = window;
    if (all.go || all.until) all.until = until;
  }
  all.go = false;
}

} // namespace

limit governor::rule::at(instant now) const {
  const double regrown =
      squeeze + regrowth * static_cast<double>((now - since).count()) / static_cast<double>(full.window.count());
  return {squeeze >= 1 || regrown >= 1 ? full.requests : part_of(full.requests, regrown), full.window};
}

governor::governor(governor_settings settings, std::uint64_t process, random_source random)
    : settings_(std::move(settings)), process_(process), random_(random),
      server_(settings_.timeout, settings_.max_backoff),
      finder_(settings_.ceiling == tier::enterprise ? tier::enterprise : tier::basic), others_(settings_.max_backoff),
      gate_(settings_.max_backoff) {
  adopt_tier();
}

tier governor::current_tier() const {
  if (!settings_.ceiling) return finder_.found().value_or(tier::free);
  return std::min(*settings_.ceiling, finder_.found().value_or(*settings_.ceiling));
}

std::vector<limit> governor::limits() const {
  std::vector<limit> all;
  for (const auto& r : rules_)
    all.push_back(r.full);
  return all;
}

duration governor::memory() const {
  duration longest = 1h; // whatever the tier, the server's longest documented window
  for (const auto& r : rules_)
    longest = std::max(longest, r.full.window);
  return std::max(stretched(longest) + settings_.timeout, settings_.max_backoff);
}

const limit& governor::shortest() const {
  return std::min_element(rules_.begin(), rules_.end(),
                          [](const rule& a, const rule& b) { return a.full.window < b.full.window; })
      ->full;
}

/// What the account is allowed in a window of that length, of which `l` may be the user's share.
limit governor::of_the_account(const limit& l) const {
  auto whole = l;
  for (const auto& t : limits_of(finder_.found().value_or(current_tier())))
    if (t.window == l.window) whole.requests = std::max(whole.requests, t.requests);
  return whole;
}

void governor::adopt_tier() {
  if (std::exchange(adopted_, current_tier()) == current_tier()) return;
  auto limits = settings_.limits.empty() ? limits_of(current_tier()) : settings_.limits;
  for (auto& l : limits)
    l.requests = share_of(l.requests, settings_.share_percent);
  if (limits == this->limits()) return;
  rules_.clear();
  for (const auto& l : limits)
    rules_.push_back({l});
}

bool governor::is_long_limit(const rate_info& rate) const {
  if (!rate.limit) return false;
  if (rate.window) return *rate.window > longest_short_window;
  // The hour's figure of one tier, and no tier's minute.
  return *rate.limit == limits_of(tier::free).back().requests || *rate.limit == limits_of(tier::pro).back().requests;
}

std::uint64_t governor::own_cap(instant now) const {
  for (const auto& r : rules_)
    if (r.full.window > longest_short_window) return r.at(now).requests;
  return share_of(server_.requests(), settings_.share_percent);
}

admission governor::admit(instant now) const {
  if (now < gate_.shut_until()) return {false, gate_.shut_until(), wait_for::pause, {}};
  if (one_first_ && own_in_flight_ > 0) return {false, std::nullopt, wait_for::first_answer, {}};

  admission all;
  for (const auto& r : rules_) {
    const bool is_servers = settings_.limits.empty() && r.full.window > longest_short_window && server_.trusted(now);
    if (is_servers) continue;
    auto l = r.at(now);
    const auto whole = of_the_account(r.full);
    if (!one_first_ && !others_.knows(now, whole.requests)) { // else what is left of it decides, below
      const auto reserve = others_.reserve(now, l.window);
      const auto left_by_share = whole.requests - r.full.requests;
      l.requests -= std::min(l.requests - 1, reserve - std::min(reserve, left_by_share));
    }
    const auto from = log_.free_from(now, l);
    if (!from || *from > now) add_bound(all, from, wait_for::window, l.window);
  }
  if (server_.heard() && !server_.has_room(now, log_.in_flight(), own_cap(now))) {
    const auto asks = server_.asks_at();
    add_bound(all, now < asks ? std::optional(asks) : std::nullopt, wait_for::window, 1h);
  }
  if (!one_first_ && others_.per_second(now) > 0) {
    const auto from = others_.free_from(now, log_);
    if (!from || *from > now) add_bound(all, from, wait_for::window, shortest().window);
  }
  return all;
}

event governor::leave(instant now) {
  const event e{event_kind::leave, {process_, last_serial_of_[process_] + 1}, now, {}, settings_.timeout};
  apply(e);
  return e;
}

void governor::apply(const event& e) {
  if (!is_of_request(e.kind)) return;
  if (e.kind == event_kind::leave) {
    auto& last = last_serial_of_[e.request.process];
    if (e.request.serial <= last) return; // told before
    last = e.request.serial;
    in_flight_.emplace(e.request, flight{e.at, e.timeout > 0s ? e.timeout : settings_.timeout});
    log_.leave();
    server_.on_leave(e.at);
    if (e.request.process == process_) ++own_in_flight_;
    return;
  }
  if (e.kind == event_kind::over) {
    auto& last = last_serial_of_[e.request.process];
    if (e.request.serial <= last) return;
    log_.remember(e.at, std::min(e.requests, e.request.serial - last)); // the first of them may have been told
    last = e.request.serial;
    return;
  }
  const auto found = in_flight_.find(e.request);
  if (found == in_flight_.end()) return;
  const auto [left, timeout] = found->second;
  in_flight_.erase(found);
  if (e.request.process == process_) --own_in_flight_;

  switch (e.kind) {
  case event_kind::leave:
  case event_kind::over:
  case event_kind::want:
  case event_kind::passed_over:
    break;
  case event_kind::unsent:
    log_.refund();
    server_.on_unsent(left);
    break;
  case event_kind::gave_up:
    log_.settle(e.at + timeout);
    server_.on_lost(left, e.at, timeout);
    break;
  case event_kind::refusal:
    on_refusal(e);
    [[fallthrough]];
  case event_kind::answer:
    on_answer(e, left);
    break;
  }
  log_.forget_before(e.at, memory());
}

void governor::on_answer(const event& e, instant left) {
  log_.settle(e.at);
  // A request that was refused is no sign that there is no limit, whatever its Limit says.
  if (e.kind != event_kind::refusal || !e.rate.unlimited) finder_.on_answer(e.at, e.rate);
  server_.on_answer(left, e.at, e.rate, is_long_limit(e.rate));
  watch_others(e, left);
  adopt_tier();
  // What left before a pause began tells nothing of whether the pause was long enough.
  if (e.kind == event_kind::refusal || left < gate_.shut_until()) return;
  gate_.on_answer();
  proven_ = true;
  if (e.request.process == process_) one_first_ = false;
}

/// How long the window is that was described, by the limits of the tier; nothing where none of them fits.
std::optional<duration> governor::window_of(const rate_info& rate) const {
  if (rate.window) return rate.window;
  for (const auto& l : limits_of(finder_.found().value_or(current_tier())))
    if (l.requests == rate.limit) return l.window;
  return std::nullopt;
}

void governor::watch_others(const event& e, instant left) {
  others_.drop_old_words(left, e.rate.limit);
  const auto window = window_of(e.rate);
  if (!window) return;
  const bool is_counted = *window > longest_short_window && server_.trusted(e.at);
  if (is_counted) others_.on_count(server_.begun(), e.at, server_.others(log_.in_flight()));
  others_.on_answer(left, e.at, e.rate, *window, log_, is_counted);
}

void governor::on_refusal(const event& e) {
  // Nobody should have been refused: someone shares the account, or the rule is stricter than documented. Then what
  // was used until now is all that there is. The one that goes first is refused for what was spent before.
  const bool was_pausing = e.at < gate_.shut_until();
  if (proven_ && !was_pausing) {
    squeeze(e);
    others_.suspect(e.at, suspected_part * static_cast<double>(shortest().requests) /
                              std::chrono::duration<double>(shortest().window).count());
  }
  gate_.on_refusal(e.at, e.rate, shortest().window, random_);
  one_first_ = true;
  proven_ = false;
}

/// Shrinks the windows that a 429 can have come from: the long ones where it asks for a long wait, else the short ones;
/// all where there are none of that length.
void governor::squeeze(const event& e) {
  const bool long_one =
      e.rate.asked_wait() && *e.rate.asked_wait() > longest_short_window + 2s; // whole seconds, rounded up
  const auto is_meant = [&](const rule& r) { return (r.full.window > longest_short_window) == long_one; };
  const bool any_is_meant = std::ranges::any_of(rules_, is_meant);
  for (auto& r : rules_) {
    if (any_is_meant && !is_meant(r)) continue;
    const auto used = static_cast<double>(log_.spent(e.at, r.full.window)) / static_cast<double>(r.full.requests);
    r.squeeze = std::clamp(0.9 * used, least_squeeze, 1.0);
    r.regrowth = e.rate.limit ? quick_regrowth : slow_regrowth;
    r.since = e.at;
  }
}

} // namespace mcbatch::quota
