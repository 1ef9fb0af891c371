#include <mcbatch/sandbox/rate_limiter.hpp>

#include <algorithm>

namespace mcbatch::sandbox {

rate_limiter::rate_limiter(window_kind kind, std::vector<limit> limits) {
  std::ranges::stable_sort(limits, {}, &limit::window);
  for (const limit& l : limits)
    windows_.push_back({l, make_window(kind, l)});
}

void rate_limiter::advance(now_pair now) {
  for (entry& e : windows_)
    e.state->advance(now);
}

bool rate_limiter::admit() {
  const bool admitted = std::ranges::all_of(windows_, [](const entry& e) { return e.state->remaining() > 0; });
  for (entry& e : windows_)
    e.state->count(admitted);
  return admitted;
}

duration rate_limiter::until_admitted() const {
  duration longest{};
  for (const entry& e : windows_)
    longest = std::max(longest, e.until_admitted());
  return longest;
}

std::optional<rate_view> rate_limiter::describe(bool shortest) const {
  if (windows_.empty()) return std::nullopt;
  return (shortest ? windows_.front() : windows_.back()).view();
}

std::optional<rate_view> rate_limiter::describe_strictest() const {
  if (windows_.empty()) return std::nullopt;
  return std::ranges::max_element(windows_, {}, [](const entry& e) { return e.until_admitted(); })->view();
}

} // namespace mcbatch::sandbox
