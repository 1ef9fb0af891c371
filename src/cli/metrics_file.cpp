#include "cli/metrics_file.hpp"

#include <mcbatch/report/metrics.hpp>

namespace mcbatch::cli {
namespace {

constexpr duration period = std::chrono::seconds(10);

} // namespace

void metrics_file::write(now_pair now) {
  if (!path_) return;
  next_ = now.mono + period;
  const auto written = report::replace_file(*path_, source_(now));
  if (!written && !failed_) log_->warn(written.error().what);
  failed_ = !written;
}

} // namespace mcbatch::cli
