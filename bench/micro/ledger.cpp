// The ledger's own work, with one commit a batch: import, and then intent and outcome. raw_sqlite.cpp does the same
// without a ledger.

#include "micro/sample.hpp"

#include <mcbatch/ledger/store.hpp>

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <vector>

namespace {

using namespace mcbatch;

constexpr wall_time noon{std::chrono::seconds(1705320000)};

class fixture {
public:
  explicit fixture(std::int64_t batch) : batch_(static_cast<std::size_t>(batch)) {}

  void import() {
    bench::must(store_.transact([&](ledger::store& s) {
      const auto manifest = s.manifest("manifest.jsonl");
      for (std::size_t i = 0; i < batch_; ++i) {
        const auto key = keys_.next();
        s.import({.key = key, .content = key, .body = body_, .manifest = manifest, .line = ++line_});
      }
    }));
  }

  std::vector<job> fetch() {
    std::vector<job> jobs;
    bench::must(store_.transact([&](ledger::store& s) { jobs = s.fetch(batch_); }));
    if (jobs.size() != batch_) throw std::runtime_error("the ledger gave another number of jobs");
    return jobs;
  }

  void begin(const std::vector<job>& jobs) {
    bench::must(store_.transact([&](ledger::store& s) {
      for (const auto& j : jobs)
        s.begin(j.id, noon);
    }));
  }

  void finish(const std::vector<job>& jobs) {
    ledger::verdict accepted;
    accepted.state = job_state::submitted;
    accepted.what = {meaning::accepted, 201, "job_0123456789abcdef0123456789abcdef", "pending", 1234, "", ""};
    accepted.at = noon;
    bench::must(store_.transact([&](ledger::store& s) {
      for (const auto& j : jobs)
        s.finish(j.id, accepted);
    }));
  }

private:
  std::size_t batch_;
  bench::scratch_folder folder_;
  ledger::store store_ = bench::must(ledger::store::create_or_open(folder_ / "ledger", {}));
  bench::key_source keys_;
  std::string body_ = bench::body_of(1);
  std::uint64_t line_ = 0;
};

void ledger_import(benchmark::State& state) {
  fixture f(state.range(0));
  for (auto _ : state)
    f.import();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ledger_import)->RangeMultiplier(8)->Range(1, 4096)->UseRealTime()->Unit(benchmark::kMicrosecond);

void ledger_begin_finish(benchmark::State& state) {
  fixture f(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    f.import();
    const auto jobs = f.fetch();
    state.ResumeTiming();
    f.begin(jobs);
    f.finish(jobs);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ledger_begin_finish)->RangeMultiplier(8)->Range(1, 4096)->UseRealTime()->Unit(benchmark::kMicrosecond);

} // namespace
