#ifndef MCBATCH_REPORT_METRICS_HPP
#define MCBATCH_REPORT_METRICS_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/report/following.hpp>
#include <mcbatch/report/run_stats.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace mcbatch::report {

/// What metrics are made of.
struct metrics_source {
  const run_stats* submission = nullptr; ///< null where nothing is submitted
  struct conversions {
    report::following how;
    std::optional<ledger::conversion_counts> counts{}; ///< of the ledger, once it was looked at
  };
  std::optional<conversions> following{};      ///< nothing where conversions are not followed
  std::optional<std::int64_t> credit_micros{}; ///< the account's, if the service told
};

/// A run's counters in Prometheus' text format, named by its rules (prometheus.io, "Metric and label naming"). Which
/// window of the quota is waited for is a gauge with the window's length as a label, "1h", and the end of the wait as
/// its value, in Unix time; it has no sample otherwise.
std::string metrics_text(const metrics_source& from, now_pair now);

/// Puts `content` in the place of whatever `path` holds, so that a reader sees the old or the new, never a part. A
/// device or a pipe is written to.
/// errc::cannot_write.
result<void> replace_file(const std::filesystem::path& path, const std::string& content);

} // namespace mcbatch::report

#endif
