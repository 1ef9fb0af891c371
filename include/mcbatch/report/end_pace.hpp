#ifndef MCBATCH_REPORT_END_PACE_HPP
#define MCBATCH_REPORT_END_PACE_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <deque>
#include <optional>

namespace mcbatch::report {

/// How many conversions end in a minute, lately. Pure; not thread-safe.
class end_pace {
public:
  /// So many had ended by `now`, in all.
  void note(std::uint64_t ended, instant now);

  /// How long `open` ones take at the rate of the last five minutes, or of the time since the first note where that is
  /// less. Nothing while none ended in it, or a second is not over.
  [[nodiscard]] std::optional<duration> time_left(std::uint64_t open, instant now) const;

private:
  struct count {
    instant at;
    std::uint64_t ended;
  };
  std::deque<count> counts_;
  std::uint64_t ended_ = 0; // by the last note
};

} // namespace mcbatch::report

#endif
