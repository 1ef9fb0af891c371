#include "cli/bench_meter.hpp"

#include <mcbatch/submit/clocks.hpp>

#include <sys/resource.h>

namespace mcbatch::cli {
namespace {

duration to_duration(const timeval& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
}

process_usage usage() {
  rusage r{};
  ::getrusage(RUSAGE_SELF, &r);
  constexpr std::uint64_t unit = 1024;
  return {to_duration(r.ru_utime), to_duration(r.ru_stime), static_cast<std::uint64_t>(r.ru_maxrss) * unit};
}

} // namespace

void bench_meter::left() {
  if (!record_.begun()) before_ = usage();
  record_.left(submit::read_clocks().mono);
}

void bench_meter::ended(duration latency, const outcome& what) {
  record_.ended(submit::read_clocks().mono, latency, what);
}

void bench_meter::stop() {
  const auto now = usage();
  used_.max_rss_bytes = now.max_rss_bytes;
  if (!record_.begun()) return;
  used_.user = now.user - before_.user;
  used_.system = now.system - before_.system;
}

} // namespace mcbatch::cli
