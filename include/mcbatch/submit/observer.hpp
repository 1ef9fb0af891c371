#ifndef MCBATCH_SUBMIT_OBSERVER_HPP
#define MCBATCH_SUBMIT_OBSERVER_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/core/outcome.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/submit/waiting.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::submit {

/// One thing wrong with one entry of a manifest.
struct manifest_problem {
  std::string manifest;
  std::uint64_t line = 0;
  std::string field; ///< may be empty
  std::string message;
};

/// What became of a batch of manifest entries. `read` is the sum of the others.
struct import_counts {
  std::uint64_t read = 0;
  std::uint64_t queued = 0;    ///< new, or pending before
  std::uint64_t skipped = 0;   ///< submitted before
  std::uint64_t left = 0;      ///< rejected or in doubt before
  std::uint64_t duplicate = 0; ///< met before in this run
  std::uint64_t invalid = 0;

  import_counts& operator+=(const import_counts& other);
};

/// One try at a job that ended.
struct try_report {
  std::int64_t job;
  job_key key;
  const outcome& what;
  job_state state;            ///< what the job is in now
  duration latency;           ///< from the spending of its token, or by a pace from when it was due, to its answer
  bool was_told_sent = false; ///< `sent` was called for it
};

/// Is told what happens in a run. It reports; it decides nothing. Called on the network thread alone; must not block.
class observer {
public:
  virtual ~observer() = default;
  virtual void imported(const import_counts& batch, const std::vector<manifest_problem>& problems) = 0;
  virtual void import_ended(const std::optional<std::string>& failure) = 0;
  virtual void spent() = 0;    ///< a token of the quota, for a job's request or a probe
  virtual void refunded() = 0; ///< such a token: no byte of its request left
  virtual void sent() = 0;     ///< a job's request leaves
  virtual void tried(const try_report& t) = 0;
  virtual void expired(const try_report& t) = 0; ///< a job was not sent: its URLs would be dead on arrival
  /// From now on the jobs whose URLs end soonest go first: so many would have been late in manifest order.
  virtual void soonest_first(std::uint64_t late) = 0;
  virtual void put_back(std::size_t jobs) = 0; ///< so many that were rejected are pending again
  virtual void probed(const outcome& what, bool answers) = 0;
  virtual void waits(const wait_state& w) = 0;
  virtual void problem(const std::string& sentence) = 0; ///< something that a person should know, and the run goes on
};

} // namespace mcbatch::submit

#endif
