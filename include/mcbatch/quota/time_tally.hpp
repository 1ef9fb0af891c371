#ifndef MCBATCH_QUOTA_TIME_TALLY_HPP
#define MCBATCH_QUOTA_TIME_TALLY_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <deque>

namespace mcbatch::quota {

/// When things happened, and how many later than some time, in constant memory (a megabyte), at whatever rate they
/// come.
///
/// The newest ones' times are exact. Where more came than fit, an old one counts at the time of one that came soon
/// after it: later than it was and never earlier, which is what a token's return and a request's counting ask for.
class time_tally {
public:
  /// So many at once. Cheapest in order of `at`.
  void add(instant at, std::uint64_t n = 1);

  /// How many there are.
  [[nodiscard]] std::uint64_t count() const { return total() - forgotten_; }

  /// How many are later than `at`.
  [[nodiscard]] std::uint64_t after(instant at) const;

  /// The earliest time than which no more than `most` are later. Only where there are more than that.
  [[nodiscard]] instant leaves_at_most(std::uint64_t most) const;

  /// Forgets those at `at` and earlier, and returns how many.
  std::uint64_t forget_until(instant at);

private:
  struct entry {
    instant at;
    std::uint64_t upto; // how many there were, with those that are forgotten, up to this one
  };

  [[nodiscard]] std::uint64_t total() const { return entries_.empty() ? forgotten_ : entries_.back().upto; }
  void thin_out();
  void join_neighbours(int share);

  std::deque<entry> entries_; // ascending in both
  std::uint64_t forgotten_ = 0;
};

} // namespace mcbatch::quota

#endif
