#include <mcbatch/sandbox/conversion_plan.hpp>

#include "sandbox/job_random.hpp"
#include "sandbox/spec.hpp"

#include <mcbatch/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mcbatch::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr double spread = 0.7; // of the logarithm: twice as long is a standard deviation

struct way_to_fail {
  std::string_view code, message;
};
constexpr std::array ways_to_fail{way_to_fail{"INVALID_INPUT", "Input file corrupted or unreadable"},
                                  way_to_fail{"INPUT_NOT_FOUND", "The input URL answered 404"},
                                  way_to_fail{"OUTPUT_FAILED", "The output URL refused the upload (403)"},
                                  way_to_fail{"UNSUPPORTED_CODEC", "The video's codec is not supported"}};

failure bad_part(std::string_view part, std::string_view why) {
  return {errc::bad_setting, fmt::format("The part \"{}\" of how conversions go cannot be used: {}. Write for example "
                                         "time=60s,failed=0.05,cancelled=0.01.",
                                         part, why)};
}

/// Of the normal distribution, near enough.
double normal(random_source& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i)
    sum += random.unit();
  return sum;
}

double part_of_a_video(std::string_view type) {
  return type == "image" ? 0.01 : type == "audio" ? 0.1 : 1;
}

duration scaled(duration d, double by) {
  return duration(static_cast<duration::rep>(static_cast<double>(d.count()) * by));
}

} // namespace

result<conversion_plan> conversion_plan::parse(std::string_view spec, std::uint64_t seed) {
  conversion_plan plan;
  plan.seed_ = seed;
  while (!spec.empty()) {
    const auto [part, name, value] = take_part(spec);
    if (name == "time") {
      const auto time = parse_duration(value);
      if (!time) return bad_part(part, "its duration reads like 500ms or 2m");
      plan.median_video_ = *time;
    } else if (name == "failed" || name == "cancelled") {
      const auto p = probability(value);
      if (!p) return bad_part(part, "it is no probability from 0 to 1");
      (name == "failed" ? plan.failed_ : plan.cancelled_) = *p;
      if (plan.failed_ + plan.cancelled_ > 1) return bad_part(part, "more than all would not be completed");
    } else {
      return bad_part(part, "there are time, failed and cancelled");
    }
  }
  return plan;
}

std::optional<conversion_course> conversion_plan::course_of(std::string_view job_id, std::string_view job_type,
                                                            std::int64_t estimated_cost_micros) const {
  if (!plays()) return std::nullopt;
  auto random = random_of(job_id, seed_);
  const auto takes = scaled(median_video_, part_of_a_video(job_type) * std::exp(spread * normal(random)));
  conversion_course c{takes / 10, takes, {}};
  auto& end = c.at_the_end;
  const auto fate = random.unit();
  const auto part_done = random.unit();
  if (fate < failed_ + cancelled_) {
    c.last_progress = static_cast<int>(part_done * 99);
    c.ends = std::max(c.begins, scaled(takes, part_done));
    end.state = fate < failed_ ? conversion_state::failed : conversion_state::cancelled;
    end.cost_micros = 0;
    end.progress_percent = c.last_progress;
  } else {
    end.state = conversion_state::completed;
    end.cost_micros = static_cast<std::int64_t>(static_cast<double>(estimated_cost_micros) * (0.8 + 0.4 * part_done));
    end.output_bytes = 1'000 + static_cast<std::int64_t>(part_done * 8e6);
    end.progress_percent = 100;
  }
  if (end.state == conversion_state::failed) {
    const auto& way = ways_to_fail[static_cast<std::size_t>(part_done * ways_to_fail.size())];
    end.error = way.code;
    end.message = way.message;
  }
  end.processing_time = std::chrono::ceil<std::chrono::seconds>(c.ends - c.begins);
  return c;
}

conversion state_at(const conversion_course& course, wall_time created, duration age) {
  if (age >= course.ends) {
    auto end = course.at_the_end;
    end.ended_at = created + std::chrono::floor<wall_time::duration>(course.ends);
    return end;
  }
  conversion now;
  now.progress_percent = 0;
  if (age < course.begins) return now;
  now.state = conversion_state::processing;
  const auto part = static_cast<double>((age - course.begins).count()) /
                    static_cast<double>(std::max<duration>(course.ends - course.begins, 1ns).count());
  now.progress_percent = static_cast<int>(part * course.last_progress);
  return now;
}

} // namespace mcbatch::sandbox
