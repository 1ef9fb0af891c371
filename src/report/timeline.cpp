#include <mcbatch/report/timeline.hpp>

namespace mcbatch::report {

void timeline::add(instant at, bool accepted, std::optional<duration> latency) {
  const auto since = at - start_;
  while (since / length_ >= static_cast<duration::rep>(most_slices))
    halve();
  const auto index = static_cast<std::size_t>(since / length_);
  if (slices_.size() <= index) slices_.resize(index + 1);
  auto& s = slices_[index];
  ++(accepted ? s.accepted : s.errors);
  if (latency) s.latency.add(*latency);
}

void timeline::halve() {
  std::vector<slice> longer((slices_.size() + 1) / 2);
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    auto& into = longer[i / 2];
    into.accepted += slices_[i].accepted;
    into.errors += slices_[i].errors;
    into.latency.add(slices_[i].latency);
  }
  slices_ = std::move(longer);
  length_ *= 2;
}

} // namespace mcbatch::report
