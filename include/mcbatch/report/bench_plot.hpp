#ifndef MCBATCH_REPORT_BENCH_PLOT_HPP
#define MCBATCH_REPORT_BENCH_PLOT_HPP

#include <mcbatch/report/bench_summary.hpp>

#include <string>

namespace mcbatch::report {

enum class plot_format { svg, png };

/// A script for gnuplot that draws throughput and latency over time, one above the other, to its standard output. Only
/// where something ended.
std::string plot_script(const bench_summary& s, plot_format format);

} // namespace mcbatch::report

#endif
