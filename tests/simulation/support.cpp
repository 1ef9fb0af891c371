#include "simulation/support.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace mcbatch::simulation::test {

plan plan_of(quota::tier t, sandbox::window_kind reading, sandbox::header_kind headers, std::uint64_t seed) {
  plan p;
  p.seed = seed;
  for (const auto& [requests, window] : quota::limits_of(t))
    p.service.limits.push_back({requests, window});
  p.service.window = reading;
  p.service.headers = headers;
  p.begins = an_hour;
  run_plan r;
  r.jobs = 1'000'000'000;
  r.quota.ceiling = t;
  r.scheduling.max_in_flight = 1000; // so that the quota alone holds it back, however long the round trip
  p.runs.push_back(r);
  return p;
}

void for_each_seed(std::uint64_t n, const std::function<void(std::uint64_t)>& work) {
  std::atomic<std::uint64_t> last = 0;
  const auto some = [&] {
    for (std::uint64_t seed; (seed = ++last) <= n;)
      work(seed);
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i)
    others.emplace_back(some);
  some();
}

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

} // namespace mcbatch::simulation::test
