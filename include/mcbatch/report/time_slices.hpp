#ifndef MCBATCH_REPORT_TIME_SLICES_HPP
#define MCBATCH_REPORT_TIME_SLICES_HPP

#include <mcbatch/core/time.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace mcbatch::report {

/// What happened when, in slices of equal length that begin on full ones by the civil clock (UTC): full minutes, where
/// a slice is a minute. Whatever time they span, there are at most `most` of them: where there would be more, they
/// become longer, and each takes in several by `Slice::merge(Slice&&)`. A `Slice` of which nothing is known is
/// `Slice{}`.
template <class Slice>
class time_slices {
public:
  static constexpr std::size_t most = 720;

  /// The slice that holds `t`. It lives until the next call.
  Slice& at(wall_time t) {
    while (slices_after(t) > most)
      lengthen();
    const auto number = number_of(t);
    if (slices_.empty()) first_ = number;
    if (number < first_) {
      std::vector<Slice> earlier(static_cast<std::size_t>(first_ - number));
      std::move(slices_.begin(), slices_.end(), std::back_inserter(earlier));
      slices_ = std::move(earlier);
      first_ = number;
    }
    if (index_of(t) >= slices_.size()) slices_.resize(index_of(t) + 1);
    return slices_[index_of(t)];
  }

  /// Where in `slices` the one is that holds `t`, which is not before the first.
  [[nodiscard]] std::size_t index_of(wall_time t) const { return static_cast<std::size_t>(number_of(t) - first_); }

  /// From the first that something happened in to the last.
  [[nodiscard]] std::vector<Slice>& slices() { return slices_; }
  [[nodiscard]] const std::vector<Slice>& slices() const { return slices_; }
  [[nodiscard]] wall_time start() const { return wall_time(first_ * length_); }
  [[nodiscard]] std::chrono::seconds length() const { return length_; }

private:
  /// Each is a multiple of the one before; from the last on, the next is twice as long.
  static constexpr std::array<std::int64_t, 12> lengths{1, 2, 10, 30, 60, 120, 600, 1800, 3600, 7200, 21600, 86400};

  [[nodiscard]] std::int64_t number_of(wall_time t) const {
    return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count() / length_.count();
  }

  [[nodiscard]] std::size_t slices_after(wall_time t) const {
    if (slices_.empty()) return 1;
    const auto number = number_of(t), last = first_ + static_cast<std::int64_t>(slices_.size()) - 1;
    return static_cast<std::size_t>(std::max(last, number) - std::min(first_, number)) + 1;
  }

  void lengthen() {
    const auto* next = std::upper_bound(lengths.begin(), lengths.end(), length_.count());
    const auto longer = next == lengths.end() ? 2 * length_.count() : *next;
    const auto times = longer / length_.count();
    const auto first = first_ / times;
    std::vector<Slice> merged(static_cast<std::size_t>((first_ + std::ssize(slices_) - 1) / times - first) + 1);
    for (std::size_t i = 0; i < slices_.size(); ++i)
      merged[static_cast<std::size_t>((first_ + static_cast<std::int64_t>(i)) / times - first)].merge(
          std::move(slices_[i]));
    slices_ = std::move(merged);
    first_ = first;
    length_ = std::chrono::seconds(longer);
  }

  std::chrono::seconds length_{1};
  std::int64_t first_ = 0; // the number of the first slice, counted from 1970
  std::vector<Slice> slices_;
};

} // namespace mcbatch::report

#endif
