#ifndef MCBATCH_SANDBOX_CONVERSION_PLAN_HPP
#define MCBATCH_SANDBOX_CONVERSION_PLAN_HPP

#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/error.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace mcbatch::sandbox {

/// How one conversion goes, from its acceptance on.
struct conversion_course {
  duration begins, ends;  ///< ages
  conversion at_the_end;  ///< its state, and all that is said then but for when
  int last_progress = 99; ///< how far it comes before it ends
};

/// How conversions go. By a spec of comma-separated parts:
///
///     time=DURATION   half of all videos take no longer; an audio takes a tenth of that, an image a hundredth, and one
///                     in six more than twice its type's time
///     failed=P        with that probability it fails, by one of several errors
///     cancelled=P     with that probability it is cancelled
///
/// Without `time` every conversion stays pending.
class conversion_plan {
public:
  /// Fails with errc::bad_setting and a sentence that names the part.
  static result<conversion_plan> parse(std::string_view spec, std::uint64_t seed);

  /// The same for the same job whenever it is asked; nothing where conversions stay pending.
  [[nodiscard]] std::optional<conversion_course> course_of(std::string_view job_id, std::string_view job_type,
                                                           std::int64_t estimated_cost_micros) const;

  /// Whether conversions go on at all.
  [[nodiscard]] bool plays() const { return median_video_ > duration::zero(); }

private:
  duration median_video_{};
  double failed_ = 0, cancelled_ = 0;
  std::uint64_t seed_ = 0;
};

/// What is true of a conversion that was accepted at `created`, `age` later. Both by the service's clock.
conversion state_at(const conversion_course& course, wall_time created, duration age);

} // namespace mcbatch::sandbox

#endif
