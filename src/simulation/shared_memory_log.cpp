#include "shared_memory_log.hpp"

#include <algorithm>

namespace mcbatch::simulation {

result<std::vector<quota::event>> shared_memory_log::read_new(now_pair) {
  const auto from = std::max(read_, all_.forgotten) - all_.forgotten;
  std::vector<quota::event> events(all_.events.begin() + static_cast<std::ptrdiff_t>(from), all_.events.end());
  read_ = all_.forgotten + all_.events.size();
  return events;
}

result<void> shared_memory_log::append(std::span<const quota::event> events, now_pair now) {
  all_.events.insert(all_.events.end(), events.begin(), events.end());
  read_ += events.size();
  while (all_.events.front().at < now.mono - all_.memory) {
    all_.events.pop_front();
    ++all_.forgotten;
  }
  return {};
}

} // namespace mcbatch::simulation
