#include <mcbatch/report/latency.hpp>

#include <boost/histogram.hpp>

#include <algorithm>
#include <cmath>

namespace mcbatch::report {
namespace {

namespace bh = boost::histogram;
using log_axis = bh::axis::regular<double, bh::axis::transform::log>;

constexpr double least_seconds = 1e-5, most_seconds = 3600;
const auto bin_count = static_cast<unsigned>(std::log(most_seconds / least_seconds) / std::log(1.01));

double in_seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

} // namespace

struct latency_histogram::bins {
  decltype(bh::make_histogram(std::declval<log_axis>())) counts =
      bh::make_histogram(log_axis(bin_count, least_seconds, most_seconds));
};

latency_histogram::latency_histogram() : bins_(std::make_unique<bins>()) {}
latency_histogram::~latency_histogram() = default;
latency_histogram::latency_histogram(latency_histogram&&) noexcept = default;
latency_histogram& latency_histogram::operator=(latency_histogram&&) noexcept = default;

void latency_histogram::add(duration latency) {
  bins_->counts(in_seconds(latency));
  ++count_;
  sum_ += latency;
  max_ = std::max(max_, latency);
}

void latency_histogram::add(const latency_histogram& others) {
  bins_->counts += others.bins_->counts;
  count_ += others.count_;
  sum_ += others.sum_;
  max_ = std::max(max_, others.max_);
}

duration latency_histogram::percentile(double p) const {
  const auto wanted = std::ceil(p * static_cast<double>(count_));
  double passed = 0;
  for (auto&& bin : bh::indexed(bins_->counts, bh::coverage::all)) {
    passed += *bin;
    if (passed < wanted || passed == 0) continue;
    const auto upper = std::min(bin.bin().upper(), in_seconds(max_));
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(upper));
  }
  return max_;
}

} // namespace mcbatch::report
