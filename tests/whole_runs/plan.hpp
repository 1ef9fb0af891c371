#ifndef MCBATCH_TESTS_WHOLE_RUNS_PLAN_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_PLAN_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/service.hpp>
#include <mcbatch/sandbox/window.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace mcbatch::whole_runs {

/// How often what goes wrong between the client and the service: each is the probability for one exchange, and of
/// those that strike, the first counts.
struct weather {
  double unreachable = 0; ///< no connection: DNS, TCP, TLS, or the deadline passes
  double request_cut = 0; ///< reset after some bytes of the request, perhaps none
  double black_hole = 0;  ///< no answer ever; the request arrives, perhaps late, or does not
  double answer_cut = 0;  ///< reset after some bytes of the answer, perhaps none, perhaps all
  double half_closed = 0; ///< the service closes its side after some bytes of the answer
  double same_id = 0;     ///< the answer names another job's id
  duration slowest{};     ///< a round trip
};

enum class ending {
  done,          ///< when all is done, or the run stops itself
  killed,        ///< by SIGKILL
  power_lost,    ///< the disk forgets what was not synced
  stopped,       ///< by SIGTERM
  stopped_twice, ///< by SIGTERM and again
};

/// One life of the program: from its start to its end.
struct life_plan {
  ending ends = ending::done;
  std::uint64_t steps = 0;           ///< killed or power lost: before which step of program or disk
  duration stopped_after{};          ///< the signal comes
  duration again_after{};            ///< and the second one
  std::uint64_t disk_fails_at = 0;   ///< at which step of the disk; 0: never
  bool disk_full = false;            ///< else broken
  bool disk_recovers = false;        ///< after one failure
  bool resubmit_in_doubt = false;    ///< --on-in-doubt resubmit
  bool retry_in_doubt_first = false; ///< mcbatch retry --in-doubt before it
  duration pause{};                  ///< before it
  duration slowest_commit{};         ///< how long the ledger's thread may take to come to its work
  weather network;
};

/// At some time the machine sleeps, or its civil clock is set.
struct incident {
  duration at{};
  duration sleeps{};
  std::optional<duration> civil_clock_ahead{};
};

/// What is played, all of it drawn from the seed.
struct plan {
  std::uint64_t seed = 0;
  std::uint64_t jobs = 0;
  std::size_t max_in_flight = 1;
  duration timeout{};
  sandbox::service_options service{};
  std::vector<life_plan> lives; ///< the last one has good weather and ends by itself
  std::vector<incident> incidents;
};

plan plan_of(std::uint64_t seed);

} // namespace mcbatch::whole_runs

#endif
