#ifndef MCBATCH_SUBMIT_RECONCILE_HPP
#define MCBATCH_SUBMIT_RECONCILE_HPP

#include <mcbatch/api/job_list.hpp>
#include <mcbatch/core/http.hpp>
#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/record.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// Which jobs in doubt the service has, by its list of recent jobs. Pure: the shell asks for the list, and records.
namespace mcbatch::submit {

/// How far the service's clock is ahead of ours: somewhere between the two, as an answer's Date tells.
struct clock_offset {
  duration least{};
  duration most{};
};

/// `asked` and `arrived` are our clock when that answer was asked for and had arrived. Nothing where it has no Date, or
/// where our clock was set back meanwhile.
std::optional<clock_offset> read_clock_offset(const headers& answer, wall_time asked, wall_time arrived);

/// A job in doubt, and the try that the doubt is about.
struct doubtful_job {
  struct try_time {
    wall_time from, to; ///< by our clock
  };
  job_key key;
  std::string output_url;       ///< as it was sent
  std::optional<try_time> when; ///< nothing where that is not known, as of a try before the last one
};

/// `r` is in doubt. `timeout`: how long at most the last try of a run that was killed went on.
doubtful_job read_doubtful(const ledger::record& r, duration timeout);

/// The list of recent jobs, page by page.
class recent_jobs {
public:
  /// Jobs created before `earliest`, by our clock, are not looked for.
  explicit recent_jobs(wall_time earliest) : earliest_(earliest) {}

  /// Takes the next page. Whether to ask for one more: not where this one brought no new job (so it is where the
  /// service knows no pages), showed no URL, or went back beyond what is looked for. A job that stands on two pages,
  /// since others came in between, counts once.
  bool add(std::vector<api::listed_job> page, std::optional<clock_offset> clock);

  [[nodiscard]] const std::vector<api::listed_job>& jobs() const { return jobs_; }

  /// When a job was created by our clock: between the two, which `created_at` in whole seconds and `clock` allow.
  [[nodiscard]] std::optional<doubtful_job::try_time> created(const api::listed_job& job) const;

private:
  wall_time earliest_;
  std::vector<api::listed_job> jobs_;
  std::unordered_set<std::string> ids_;
  std::optional<clock_offset> clock_; // the narrowest seen
};

/// Why a job in doubt is, or is not, one of the list.
enum class identity {
  certain,      ///< the same output URL, no other job's on either side, created within the try
  earlier_try,  ///< the doubt is about a try before the last one, whose time is not known
  urls_hidden,  ///< no job of the list shows its output URL
  not_listed,   ///< says nothing of whether it was accepted: the list is of recent jobs
  several,      ///< more than one listed job has its output URL
  time_unknown, ///< when the listed job was created is not shown, or the service's clock is not
  other_time,   ///< the listed job was not created within the try
  shared_url,   ///< another job of the ledger has its output URL as well
  known_id,     ///< the listed job is another one of the ledger
};

/// "certain", "not_listed", ...: for scripts.
std::string_view to_string(identity i) noexcept;

/// Holds jobs in doubt against the list, and what looks certain against the other jobs of the ledger.
///
/// Two output URLs are the same that differ in presigning parameters alone. Where the list shows one without a query,
/// it may have been cut off, and whatever job of the ledger has that much of it shares it.
class reconciliation {
public:
  reconciliation(std::vector<doubtful_job> doubtful, const recent_jobs& recent);

  /// A job of the ledger; to be called for each of them, those in doubt included.
  void compare(const ledger::record& r);

  struct finding {
    doubtful_job job;
    identity what = identity::not_listed;
    std::optional<api::listed_job> listed; ///< the one with its output URL, where there is just one
  };

  /// One for each job in doubt, in their order.
  [[nodiscard]] const std::vector<finding>& findings() const { return findings_; }

private:
  std::vector<finding> findings_;
  // Those that look certain:
  std::unordered_multimap<std::string, std::size_t> by_address_; // by their output URL up to its query
  std::unordered_map<std::string, std::size_t> by_id_;           // by the listed job's id
};

} // namespace mcbatch::submit

#endif
