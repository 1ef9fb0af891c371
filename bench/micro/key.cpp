// From the text of an entry to the job's key: the canonical form, and its hash.

#include "micro/sample.hpp"

#include "manifest/key.hpp"
#include "manifest/walk.hpp"

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <vector>

namespace {

using namespace mcbatch;

void canonical_form(benchmark::State& state) {
  manifest::walker walker;
  std::vector<manifest::problem> problems;
  auto text = manifest::walkable(bench::body_of(1));
  for (auto _ : state)
    benchmark::DoNotOptimize(walker.walk(text, 1, problems));
  if (!problems.empty()) throw std::runtime_error(problems.front().message);
}
BENCHMARK(canonical_form);

void job_key_of_canonical_form(benchmark::State& state) {
  manifest::walker walker;
  manifest::hasher hasher;
  std::vector<manifest::problem> problems;
  auto text = manifest::walkable(bench::body_of(1));
  const auto walked = walker.walk(text, 1, problems).value();
  for (auto _ : state)
    benchmark::DoNotOptimize(hasher.of_entry(walked.canonical));
}
BENCHMARK(job_key_of_canonical_form);

} // namespace
