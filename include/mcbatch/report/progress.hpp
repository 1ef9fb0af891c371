#ifndef MCBATCH_REPORT_PROGRESS_HPP
#define MCBATCH_REPORT_PROGRESS_HPP

#include <mcbatch/quota/limit.hpp>
#include <mcbatch/report/run_stats.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mcbatch::report {

/// How much longer the run takes: what is left at the rate so far, and no less than the quota needs for it. Nothing
/// while the manifest is still being read, or nothing is submitted yet.
std::optional<duration> time_left(const run_stats& stats, const std::vector<quota::limit>& limits, instant now);

/// What is being waited for, for people: "waiting 41 s for the minute's quota"; from a minute on with the time of day,
/// "waiting for the hour's quota until 14:00:12". Empty where nothing worth a word is.
std::string describe(const submit::wait_state& wait, now_pair now);

/// The same without the end of the wait: "waiting for the hour's quota".
std::string describe_without_end(const submit::wait_state& wait);

/// One line on where the run stands: "1,234 of 25,000 submitted, 3 rejected | 197 a minute | 2 h 5 min left | waiting
/// for the hour's quota until 14:00:12".
/// In `width` columns at most: what does not fit is left out or said shorter, the rate first and what is waited for
/// last.
std::string progress_line(const run_stats& stats, const std::vector<quota::limit>& limits, now_pair now,
                          std::size_t width = std::string::npos);

/// The same behind a bar, in `width` columns at most; without the bar where it would hide what is waited for.
std::string progress_bar(const run_stats& stats, const std::vector<quota::limit>& limits, now_pair now,
                         std::size_t width);

} // namespace mcbatch::report

#endif
