// What the quota costs each request: to ask and to leave, to take in the answer, to read its headers.

#include <mcbatch/quota/governor.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <benchmark/benchmark.h>

#include <deque>
#include <stdexcept>
#include <vector>

namespace {

using namespace mcbatch;
using namespace std::chrono_literals;

/// Requests that leave at an even pace that the limits allow, each answered after 63 more have left.
void admit_leave_answer(benchmark::State& state, const std::vector<quota::limit>& limits, duration pace) {
  quota::governor_settings settings;
  settings.limits = limits;
  quota::governor governor(settings, 1, random_source(1));
  instant now{1000h};
  std::deque<quota::request_id> in_flight;
  const auto answer_oldest = [&] {
    governor.apply({quota::event_kind::answer, in_flight.front(), now, {}});
    in_flight.pop_front();
  };
  for (auto _ : state) {
    now += pace;
    if (in_flight.size() == 64) answer_oldest();
    if (!governor.admit(now).go) answer_oldest(); // a run's first request goes alone
    if (!governor.admit(now).go) throw std::runtime_error("the pace is more than the limits allow");
    in_flight.push_back(governor.leave(now).request);
  }
}
BENCHMARK_CAPTURE(admit_leave_answer, one_wide_window, {{1'000'000'000, 1s}}, 100us);
BENCHMARK_CAPTURE(admit_leave_answer, minute_and_hour, {{200, 1min}, {10'000, 1h}}, 500ms);

void rate_headers(benchmark::State& state) {
  headers fields;
  fields.add("Server", "nginx");
  fields.add("Date", "Mon, 15 Jan 2024 10:30:00 GMT");
  fields.add("Content-Type", "application/json");
  fields.add("Content-Length", "260");
  fields.add("X-RateLimit-Limit", "1000");
  fields.add("X-RateLimit-Remaining", "956");
  fields.add("X-RateLimit-Reset", "1705316400");
  const wall_time arrived{1705314600s};
  for (auto _ : state)
    benchmark::DoNotOptimize(quota::parse_rate_headers(fields, arrived));
}
BENCHMARK(rate_headers);

} // namespace
