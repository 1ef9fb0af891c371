#ifndef MCBATCH_REPORT_BENCH_RECORD_HPP
#define MCBATCH_REPORT_BENCH_RECORD_HPP

#include <mcbatch/core/outcome.hpp>
#include <mcbatch/report/latency.hpp>
#include <mcbatch/report/timeline.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace mcbatch::report {

/// What a benchmark saw of its requests, a job's each. Pure: `now` is an argument.
class bench_record {
public:
  /// A request is on its way out. The first begins what is measured.
  void left(instant now);
  /// One that was on its way out was held back, as nothing is sent any more.
  void held_back() { --departures_; }
  /// It ended, and whatever was to be recorded of it is. `latency`: until its answer, from when it left or was due.
  void ended(instant now, duration latency, const outcome& what);

  [[nodiscard]] const std::optional<instant>& begun() const { return begun_; }
  /// From the first that left to the last that ended.
  [[nodiscard]] duration elapsed() const { return begun_ ? last_ended_ - *begun_ : duration::zero(); }

  [[nodiscard]] std::uint64_t departures() const { return departures_; }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  /// Those that had a whole answer.
  [[nodiscard]] std::uint64_t answered() const { return latency_.count(); }
  /// All others than those that were accepted, by the status of their answer, or by what kept them from one: "503",
  /// "lost", "not_sent".
  [[nodiscard]] const std::map<std::string, std::uint64_t>& errors() const { return errors_; }
  [[nodiscard]] std::uint64_t error_count() const { return error_count_; }

  [[nodiscard]] const latency_histogram& latency() const { return latency_; } ///< of the answers
  /// Once something ended.
  [[nodiscard]] const std::optional<report::timeline>& timeline() const { return timeline_; }

private:
  std::optional<instant> begun_;
  instant last_ended_{};
  std::uint64_t departures_ = 0, accepted_ = 0, error_count_ = 0;
  std::map<std::string, std::uint64_t> errors_;
  latency_histogram latency_;
  std::optional<report::timeline> timeline_;
};

} // namespace mcbatch::report

#endif
