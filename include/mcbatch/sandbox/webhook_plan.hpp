#ifndef MCBATCH_SANDBOX_WEBHOOK_PLAN_HPP
#define MCBATCH_SANDBOX_WEBHOOK_PLAN_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/conversion_plan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::sandbox {

/// One event of a job, and when it leaves.
struct planned_event {
  duration leaves;     ///< the job's age then
  duration tells_of;   ///< it tells what is true at that age
  bool forged = false; ///< it claims another state, and its signature is wrong
};

/// How a job's events go.
struct webhook_course {
  std::vector<planned_event> events; ///< in the order in which they leave
  duration answer_held{};            ///< so much later than it would leaves the answer to the job's create
};

/// How the deliveries of webhook events go wrong. By a spec of comma-separated parts, every P a probability:
///
///     late=DURATION   each event is delayed by a random time up to it
///     twice=P         an event is sent twice, the second up to `late` later
///     shuffled=P      the event for a job's end overtakes the one before it
///     lost=P          an event is never sent
///     early=P         a job's first event leaves at once, and the answer to its create 200 ms later, so that a short
///                     conversion's end overtakes it as well; such a job is not shuffled
///     forged=P        before an event leaves one with a wrong signature, which claims another state
///     retries=N       an event that is not answered 2xx is tried again so often, after 1 s, 2 s, 4 s, ... up to 60 s
///
/// Without a spec each job has two events, one while it is processed and one for its end.
class webhook_plan {
public:
  /// Fails with errc::bad_setting and a sentence that names the part.
  static result<webhook_plan> parse(std::string_view spec, std::uint64_t seed);

  /// The same for the same job whenever it is asked; no part of the spec changes what another does.
  [[nodiscard]] webhook_course course_of(std::string_view job_id, const conversion_course& conversion) const;

  /// How long to wait before the `nth` try (the first is 0) of an event whose last try failed; nothing where there is
  /// no further one.
  [[nodiscard]] std::optional<duration> pause_before(int nth) const;

private:
  duration late_{};
  double twice_ = 0, shuffled_ = 0, lost_ = 0, early_ = 0, forged_ = 0;
  int retries_ = 0;
  std::uint64_t seed_ = 0;
};

/// The parts of a spec and what each does, a line each, for people.
std::string webhook_help();

/// What the events of one job are made of.
struct webhook_job {
  std::string id, type, url;
  instant accepted;
  wall_time created; ///< by the service's clock
  conversion_course course;
};

/// The body of an event, as the documentation shows it.
std::string webhook_body(const webhook_job& job, const planned_event& event);

} // namespace mcbatch::sandbox

#endif
