#include <mcbatch/quota/fair_turns.hpp>

#include <algorithm>

namespace mcbatch::quota {
namespace {

constexpr duration forgotten = std::chrono::hours(2);
constexpr std::uint64_t parts_of_a_share = 20; // one of which a process may run ahead

} // namespace

void fair_turns::apply(const event& e) {
  switch (e.kind) {
  case event_kind::leave:
  case event_kind::over: {
    auto& s = all_[e.request.process];
    if (e.request.serial <= s.last_serial) return;
    s.left.add(e.at, std::min(e.requests, e.request.serial - s.last_serial));
    s.last_serial = e.request.serial;
    s.last_left = e.at;
    s.wants = false;
    break;
  }
  case event_kind::want:
    all_[e.request.process].wants = true;
    break;
  case event_kind::passed_over:
    all_[e.request.process].wants = false;
    break;
  case event_kind::answer:
  case event_kind::refusal:
  case event_kind::gave_up:
  case event_kind::unsent: // it had its turn
    break;
  }
}

const fair_turns::standing& fair_turns::of(std::uint64_t process) const {
  static const standing nothing;
  const auto found = all_.find(process);
  return found == all_.end() ? nothing : found->second;
}

fair_turns::rank fair_turns::rank_of(std::uint64_t process, instant since) const {
  const auto& s = of(process);
  return {s.left.after(since), s.last_left, process};
}

event fair_turns::want(std::uint64_t process, instant now) const {
  return {event_kind::want, {process, of(process).last_serial}, now, {}};
}

bool fair_turns::wants(std::uint64_t process) const {
  return of(process).wants;
}

bool fair_turns::has_company(std::uint64_t process, instant since) const {
  return std::ranges::any_of(all_, [&](const auto& one) {
    const auto& [other, s] = one;
    return other != process && (s.wants || s.last_left > since);
  });
}

std::optional<request_id> fair_turns::goes_before(std::uint64_t process, instant now, const limit& shortest) const {
  const auto since = now - shortest.window;
  std::uint64_t waiting = 1;
  std::optional<rank> first;
  for (const auto& [other, s] : all_) {
    if (other == process || !s.wants) continue;
    ++waiting;
    const auto r = rank_of(other, since);
    if (!first || r < *first) first = r;
  }
  if (!first) return std::nullopt;
  const auto ours = rank_of(process, since);
  const auto ahead = shortest.requests / (parts_of_a_share * waiting);
  if (ours < *first || ours.taken < first->taken + ahead) return std::nullopt;
  return request_id{first->process, of(first->process).last_serial};
}

void fair_turns::forget_before(instant t) {
  for (auto& [process, s] : all_)
    s.left.forget_until(t);
  // Who has been gone for so long is not told of again.
  std::erase_if(all_, [t](const auto& one) {
    return one.second.left.count() == 0 && !one.second.wants && one.second.last_left < t - forgotten;
  });
}

} // namespace mcbatch::quota
