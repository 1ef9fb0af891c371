#include "cli/expiry_check.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace mcbatch::cli {
namespace {

bool sooner(const ending_entry& a, const ending_entry& b) {
  const auto rank = [](const ending_entry& e) {
    return std::make_tuple(e.ends, std::uint64_t{e.manifest}, std::uint64_t{e.line});
  };
  return rank(a) < rank(b);
}

} // namespace

expiring_entries find_expiring(std::deque<ending_entry> entries, submit::turn_of_request turns, wall_time now,
                               duration margin, std::size_t most) {
  std::sort(entries.begin(), entries.end(), sooner);
  submit::expiry_forecast forecast(std::move(turns), now, margin);
  expiring_entries found;
  for (const auto& e : entries) {
    const auto turn = forecast.turn();
    if (forecast.next(e.ends) == submit::expiry_forecast::fate::in_time) continue;
    ++found.count;
    if (e.ends <= now) ++found.ended;
    if (found.first.size() < most) found.first.push_back({e, turn});
  }
  return found;
}

} // namespace mcbatch::cli
