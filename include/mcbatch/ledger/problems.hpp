#ifndef MCBATCH_LEDGER_PROBLEMS_HPP
#define MCBATCH_LEDGER_PROBLEMS_HPP

#include <mcbatch/core/job.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::ledger {

/// What keeps a job from being done: the state that it is in, or that its conversion ended in; or that the service,
/// which had accepted it, does not know it.
enum class problem_kind { rejected, in_doubt, sending, invalid, expired, failed, cancelled, missing };

/// "rejected", "in_doubt", ...
std::string_view to_string(problem_kind kind) noexcept;

/// Where a job is to be found.
struct job_place {
  std::optional<job_key> key; ///< none for an invalid entry
  std::string manifest;
  std::uint64_t line = 0;
  std::string job_id; ///< the service's; empty where it gave none
};

/// Jobs that have the same problem, for the same reason. Texts are empty where nothing is known.
struct problem_group {
  problem_kind kind = problem_kind::rejected;
  int http_status = 0; ///< 0: no whole answer came, or none is to be had
  std::string error;
  std::string message; ///< of an invalid entry: the first thing that is wrong with it
  std::uint64_t jobs = 0;
  std::vector<job_place> first; ///< the first of them that were read, a few
};

/// The groups of most jobs, by kind and, within it, the largest first.
struct problem_groups {
  std::vector<problem_group> groups;
  /// What is in none of them, for each kind that has such.
  struct rest {
    problem_kind kind;
    std::uint64_t groups, jobs;
  };
  std::vector<rest> others;
};

} // namespace mcbatch::ledger

#endif
