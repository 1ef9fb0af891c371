#include <mcbatch/report/bench_plot.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mcbatch::report {
namespace {

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

/// Of each slice: its middle, what was accepted and what failed in a second, and the latencies in milliseconds.
std::string rows_of(const timeline& t, duration elapsed) {
  std::string rows;
  for (std::size_t i = 0; i < t.slices().size(); ++i) {
    const auto& slice = t.slices()[i];
    const auto begins = static_cast<duration::rep>(i) * t.slice_length();
    const auto length = std::min(t.slice_length(), elapsed - begins);
    if (i > 0 && 2 * length < t.slice_length()) break; // too short to tell of a rate
    const auto rate = [&](std::uint64_t n) {
      return length > duration::zero() ? static_cast<double>(n) / seconds(length) : 0;
    };
    const auto millis = [&](duration d) {
      return slice.latency.count() > 0 ? fmt::format("{:.6g}", seconds(d) * 1e3) : "NaN";
    };
    rows += fmt::format("{:.6g} {:.6g} {:.6g} {} {} {}\n", seconds(begins + length / 2), rate(slice.accepted),
                        rate(slice.errors), millis(slice.latency.percentile(0.5)),
                        millis(slice.latency.percentile(0.99)), millis(slice.latency.max()));
  }
  return rows;
}

} // namespace

std::string plot_script(const bench_summary& s, plot_format format) {
  const std::string_view canvas = format == plot_format::png
                                      ? "pngcairo size 900,640 font 'sans,11' background rgb 'white'"
                                      : "svg size 900,640 dynamic font 'sans-serif,14' background rgb 'white'";
  return fmt::format("set terminal {}\n"
                     "$slices << END\n{}END\n"
                     "set multiplot layout 2,1 title \"mcbatch bench: {}\" noenhanced\n"
                     "set grid lc rgb '#dddddd'\nset border lc rgb '#444444'\nset key outside right top\n"
                     "set lmargin 11\nset rmargin 18\nset xrange [0:*]\nset yrange [0:*]\n"
                     "set ylabel 'jobs a second'\n"
                     "plot $slices using 1:2 with lines lw 2 lc rgb '#1b9e77' title 'accepted', "
                     "$slices using 1:3 with lines lw 2 lc rgb '#d95f02' title 'errors'\n"
                     "set ylabel 'latency, ms'\nset xlabel 'seconds'\nset logscale y\nset yrange [*:*]\n"
                     "plot $slices using 1:6 with lines lw 1 lc rgb '#bbbbbb' title 'max', "
                     "$slices using 1:5 with lines lw 2 lc rgb '#7570b3' title '99 %', "
                     "$slices using 1:4 with lines lw 2 lc rgb '#1b9e77' title '50 %'\n"
                     "unset multiplot\n",
                     canvas, rows_of(*s.record.timeline(), s.record.elapsed()), setting_of(s));
}

} // namespace mcbatch::report
