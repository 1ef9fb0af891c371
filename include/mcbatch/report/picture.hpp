#ifndef MCBATCH_REPORT_PICTURE_HPP
#define MCBATCH_REPORT_PICTURE_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/ledger/problems.hpp>
#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/quota/limit.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::report {

/// What is happening.
enum class activity { nothing, submitting, tracking };

/// What is waited for. The page writes the end behind it, in its reader's time zone, and counts down.
struct waiting_for {
  std::string sentence;           ///< without the end: "waiting for the hour's quota"
  std::optional<wall_time> until; ///< nothing: until the next event
};

/// One of the limits, and what is left of its window now.
struct limit_use {
  quota::limit rule;
  std::optional<std::uint64_t> used_now; ///< tokens of the window that are out now, by our own count; live only
};

struct latency_figures {
  duration p50{}, p90{}, p99{}, max{};
};

/// What was sent and answered, in slices of equal length. Column by column: every vector has a value for each slice,
/// and slice i begins at `start` + i * `slice`. Empty where nothing was sent.
struct request_series {
  wall_time start{};
  duration slice = std::chrono::seconds(1);
  std::vector<std::uint64_t> sent;
  // By what became of the job, and when that was known:
  std::vector<std::uint64_t> accepted, rejected, in_doubt;
  std::vector<std::uint64_t> rate_limited;             ///< 429
  std::vector<std::uint64_t> put_back;                 ///< to be sent again, for another reason
  std::vector<std::uint64_t> told;                     ///< answers that told of a conversion; no job's try
  std::vector<std::optional<latency_figures>> latency; ///< of the answers; nothing where there was none
  /// For each of the picture's limits: the most requests that were in its window at any moment of a slice.
  std::vector<std::vector<std::uint64_t>> windows;
  std::uint64_t left_out = 0; ///< requests whose time cannot be true; they are in no column
};

/// How many conversions ended, in slices as above.
struct conversion_series {
  wall_time start{};
  duration slice = std::chrono::seconds(1);
  std::vector<std::uint64_t> completed, failed, cancelled;
};

/// Where the work of one ledger stands and how it came there: all that the report and the live page show.
///
/// Whoever fills it leaves empty what is not known. Texts are as they were recorded: `to_json` takes signatures of URLs
/// out of them, bounds them, and writes what to do about the problems.
struct picture {
  std::string ledger; ///< its path, as it was named
  std::vector<std::string> manifests;
  wall_time generated_at{};

  bool live = false;    ///< a process fills it again and again: the page listens for more
  bool running = false; ///< a run holds the ledger
  bool ended = false;   ///< of a live one: it is the last
  activity doing = activity::nothing;
  std::optional<duration> time_left; ///< live only
  std::optional<waiting_for> waiting;

  state_counts jobs;
  ledger::conversion_counts conversions; ///< of submitted jobs
  std::uint64_t missing = 0;             ///< of them: the service does not know them
  std::vector<ledger::cost_line> costs;  ///< of submitted jobs
  /// Live only: of when `costs`, `problems`, `manifests` and `runs` are; all else is of `generated_at`.
  std::optional<wall_time> survey_at;

  std::string tier; ///< empty: not known, or limits stand in its place
  std::vector<limit_use> limits;

  request_series requests;
  /// Whether `requests` has every request of the runs that it shows, probes and polls too; else it has the last one of
  /// each job, which is all that a ledger keeps.
  bool every_request = false;
  std::optional<latency_figures> latency; ///< of all answers in `requests`
  conversion_series ended_conversions;

  ledger::problem_groups problems;
  std::vector<ledger::run_record> runs; ///< in the order of their beginning
};

/// The picture as JSON in one line, of which the page's script reads nothing else. Members are never left out; null is
/// what is not known. Times are in Unix seconds (with a fraction), amounts in millionths of a euro. Its size is
/// bounded, however large the ledger: some 100 KB, and less than 1 MB whatever texts stand in it.
///
/// schema:
///
///     {"version":1,"ledger":"catalog.jsonl.ledger",
///      "manifests":["catalog.jsonl"],"more_manifests":0,
///      "generated_at":1705316400.123,"survey_at":1705316400.0|null,
///      "live":false,"running":false,"ended":false,"doing":"submitting"|"tracking"|null,
///      "progress":{"of":"jobs"|"conversions","done":45000,"all":100000},   jobs until none is left to be sent
///      "eta_s":12.5|null,
///      "waiting":{"for":"waiting for the hour's quota","until":1705316400.0|null}|null,
///      "jobs":{"pending":0,"sending":0,"submitted":0,"rejected":0,"in_doubt":0,"invalid":0,"expired":0,"total":0},
///      "conversions":{"pending":0,"processing":0,"completed":0,"failed":0,"cancelled":0},
///      "missing":0,                                 of those that are pending or processing
///      "cost":{"estimated_micros":0,"final_micros":0,"final_jobs":0,"more_lines":0,
///              "by":[{"job_type":"video"|null,"state":"completed","jobs":0,
///                     "estimated_micros":0,"final_micros":0,"final_jobs":0}]},
///      "quota":{"tier":"pro"|null,
///               "limits":[{"limit":"200/60s","requests":200,"window_s":60.0,"used_now":17|null}]},
///      "every_request":false,
///      "latency_ms":{"p50":1.5,"p90":2.5,"p99":3.5,"max":9.5}|null,
///      "requests":{"slice_s":10.0,"t":[1705316400,...],"sent":[...],
///                  "accepted":[...],"rejected":[...],"in_doubt":[...],"rate_limited":[...],"put_back":[...],
///                  "told":[...],
///                  "p50_ms":[1.5|null,...],"p90_ms":[...],"p99_ms":[...],
///                  "windows":[[...] for each of the limits],"left_out":0},
///      "ended_conversions":{"slice_s":10.0,"t":[...],"completed":[...],"failed":[...],"cancelled":[...]},
///      "problems":[{"kind":"rejected"|"in_doubt"|"sending"|"invalid"|"expired"|"failed"|"cancelled"|"missing",
///                   "jobs":3,
///                   "advice":[{"what":"See why jobs were rejected","command":"mcbatch export ..."|null}],
///                   "groups":[{"http_status":422|null,"error":"..."|null,"message":"..."|null,"jobs":2,
///                              "first":[{"key":"0123..."|null,"manifest":"catalog.jsonl","line":7,
///                                        "job_id":"job_abc"|null}]}],
///                   "more_groups":0,"more_jobs":0}],
///      "runs":[{"kind":"submit"|"track","started_at":0.0,"ended_at":0.0|null,"stop_reason":"done"|null,
///               "going_on":false,"submitted":0|null,"requests":0|null}],"earlier_runs":0}
std::string to_json(const picture& p);

} // namespace mcbatch::report

#endif
