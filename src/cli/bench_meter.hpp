#ifndef MCBATCH_CLI_BENCH_METER_HPP
#define MCBATCH_CLI_BENCH_METER_HPP

#include <mcbatch/report/bench_record.hpp>

#include <cstdint>

namespace mcbatch::cli {

/// What this process has used since it began, as getrusage(2) has it: without its children.
struct process_usage {
  duration user{}, system{};
  std::uint64_t max_rss_bytes = 0;
};

/// Keeps a benchmark's record by the clock, and what this process uses from the first departure on. Network thread
/// only.
class bench_meter {
public:
  void left();
  void held_back() { record_.held_back(); }
  void ended(duration latency, const outcome& what);
  /// Nothing is measured any more.
  void stop();

  [[nodiscard]] const report::bench_record& record() const { return record_; }
  /// While it was measured; but the memory since the process began.
  [[nodiscard]] const process_usage& used() const { return used_; }

private:
  report::bench_record record_;
  process_usage before_, used_;
};

} // namespace mcbatch::cli

#endif
