#include <mcbatch/sandbox/webhook_plan.hpp>

#include "sandbox/iso_time.hpp"
#include "sandbox/job_random.hpp"
#include "sandbox/json_text.hpp"
#include "sandbox/spec.hpp"

#include <mcbatch/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace mcbatch::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr duration head_start = 200ms; // of an early event: much longer than one takes to leave
constexpr duration longest_pause = 60s;
constexpr int most_retries = 100;

failure bad_part(std::string_view part, std::string_view why) {
  return {errc::bad_setting, fmt::format("The part \"{}\" of how webhook events go wrong cannot be used: {}. Write for "
                                         "example late=5s,twice=0.1,lost=0.01,retries=3.",
                                         part, why)};
}

/// What chance says of one event, all drawn whether it is asked for or not.
struct event_chances {
  double late, lost, twice, second_late, forged;

  explicit event_chances(random_source& random)
      : late(random.unit()), lost(random.unit()), twice(random.unit()), second_late(random.unit()),
        forged(random.unit()) {}
};

duration part_of(duration whole, double part) {
  return duration(static_cast<duration::rep>(static_cast<double>(whole.count()) * part));
}

/// What a forger claims in place of the truth.
conversion lie_about(const conversion& truth, wall_time now) {
  conversion lie;
  lie.ended_at = now;
  if (truth.state == conversion_state::completed) {
    lie.state = conversion_state::failed;
    lie.progress_percent = 25;
    lie.error = "FORGED";
    lie.message = "Whoever believes this does not check signatures";
  } else {
    lie.state = conversion_state::completed;
    lie.progress_percent = 100;
    lie.cost_micros = 1;
    lie.processing_time = 1s;
    lie.output_bytes = 1;
  }
  return lie;
}

} // namespace

result<webhook_plan> webhook_plan::parse(std::string_view spec, std::uint64_t seed) {
  webhook_plan plan;
  plan.seed_ = seed;
  const std::pair<std::string_view, double*> probabilities[] = {{"twice", &plan.twice_},
                                                                {"shuffled", &plan.shuffled_},
                                                                {"lost", &plan.lost_},
                                                                {"early", &plan.early_},
                                                                {"forged", &plan.forged_}};
  while (!spec.empty()) {
    const auto part = take_part(spec);
    const auto* const named = std::ranges::find(probabilities, part.name, [](const auto& p) { return p.first; });
    if (part.name == "late") {
      const auto late = parse_duration(part.value);
      if (!late) return bad_part(part.text, "its duration reads like 500ms or 2m");
      plan.late_ = *late;
    } else if (part.name == "retries") {
      const auto retries = parse_integer<int>(part.value);
      if (!retries || *retries < 0 || *retries > most_retries)
        return bad_part(part.text, fmt::format("it is no number from 0 to {}", most_retries));
      plan.retries_ = *retries;
    } else if (named != std::ranges::end(probabilities)) {
      const auto p = probability(part.value);
      if (!p) return bad_part(part.text, "it is no probability from 0 to 1");
      *named->second = *p;
    } else {
      return bad_part(part.text, "there are late, twice, shuffled, lost, early, forged and retries");
    }
  }
  return plan;
}

webhook_course webhook_plan::course_of(std::string_view job_id, const conversion_course& conversion) const {
  auto random = random_of(job_id, ~seed_); // another stream than the conversion's
  const bool early = random.unit() < early_;
  const bool shuffled = random.unit() < shuffled_;
  const auto under_way = conversion.begins + part_of(conversion.ends - conversion.begins, 0.1 + 0.8 * random.unit());
  const event_chances of_progress(random), of_end(random);

  webhook_course course;
  const auto add = [&](const event_chances& chances, planned_event event) {
    if (chances.forged < forged_) course.events.push_back({event.leaves, event.tells_of, true});
    if (chances.lost < lost_) return;
    course.events.push_back(event);
    if (chances.twice >= twice_) return;
    event.leaves += part_of(late_, chances.second_late);
    course.events.push_back(event);
  };
  const planned_event end{conversion.ends + part_of(late_, of_end.late), conversion.ends};
  if (early) {
    course.answer_held = head_start;
    add(of_progress, {0s, conversion.begins});
    add(of_end, end);
  } else {
    planned_event progress{under_way + part_of(late_, of_progress.late), under_way};
    // As long behind the end as it would have been before it.
    if (shuffled) progress.leaves = end.leaves + (conversion.ends - under_way) + part_of(late_, of_progress.late);
    if (shuffled) add(of_end, end);
    add(of_progress, progress);
    if (!shuffled) add(of_end, end);
  }
  std::ranges::stable_sort(course.events, {}, &planned_event::leaves);
  return course;
}

std::optional<duration> webhook_plan::pause_before(int nth) const {
  if (nth > retries_) return std::nullopt;
  duration pause = 1s;
  for (int n = 1; n < nth && pause < longest_pause; ++n)
    pause *= 2;
  return std::min(pause, longest_pause);
}

std::string webhook_help() {
  return "    late=DURATION    each event is delayed by a random time up to it\n"
         "    twice=P          an event is sent twice, the second up to late later\n"
         "    shuffled=P       the event for a job's end overtakes the one before it\n"
         "    lost=P           an event is never sent\n"
         "    early=P          a job's first event leaves at once, and the answer to its create 200 ms later, so that "
         "the\n"
         "                     end of a short conversion may overtake it as well; such a job is not shuffled\n"
         "    forged=P         before an event leaves one that claims another state and whose signature is wrong\n"
         "    retries=N        an event that is not answered 2xx is tried again so often: after 1 s, 2 s, 4 s, up to "
         "60 s\n";
}

std::string webhook_body(const webhook_job& job, const planned_event& event) {
  auto c = state_at(job.course, job.created, event.tells_of);
  const auto since = [&](duration age) { return job.created + std::chrono::floor<wall_time::duration>(age); };
  if (event.forged) c = lie_about(c, since(event.tells_of));
  auto text = fmt::format(R"({{"job_id":{},"status":"{}")", json_string(job.id), to_string(c.state));
  if (c.state == conversion_state::completed) text += R"(,"job_type":)" + json_string(job.type);
  text += fmt::format(R"(,"progress_percentage":{})", c.progress_percent.value_or(0));
  if (c.state == conversion_state::processing)
    text += fmt::format(R"(,"estimated_completion":"{}")", iso_micros(since(job.course.ends)));
  if (c.state == conversion_state::completed)
    text += fmt::format(R"(,"cost_micros":{},"processing_time_seconds":{},"output_size_bytes":{},"created_at":"{}")",
                        c.cost_micros.value_or(0), c.processing_time.value_or(0s).count(), c.output_bytes.value_or(0),
                        iso_seconds(job.created));
  if (c.state == conversion_state::failed)
    text += fmt::format(R"(,"error_code":{},"error_message":{})", json_string(c.error), json_string(c.message));
  if (c.ended_at) text += fmt::format(R"(,"{}_at":"{}")", to_string(c.state), iso_micros(*c.ended_at));
  return text + "}";
}

} // namespace mcbatch::sandbox
