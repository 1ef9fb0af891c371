#ifndef MCBATCH_LEDGER_READING_HPP
#define MCBATCH_LEDGER_READING_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/ledger/problems.hpp>
#include <mcbatch/ledger/record.hpp>
#include <mcbatch/ledger/survey.hpp>
#include <mcbatch/ledger/try_record.hpp>
#include <mcbatch/ledger/wait_note.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::ledger {

/// A ledger, open for reading: takes no lock, and works while a run is writing. Where nothing can be written (read-only
/// media) it works on the ledger of a finished run. One thread at a time.
///
/// Error of every call: `cannot_open` when the file cannot be read, or read further.
class reading {
public:
  /// Refuses another kind of file, a newer mcbatch's, and a ledger that was parted from its log.
  static result<reading> open(const std::filesystem::path& path);

  /// Beside the store that the same process holds. Nothing but SQLite opens the file here: whoever closes a file gives
  /// up the locks that his process has on it (fcntl(2)), and only SQLite knows of its own.
  static result<reading> beside(const std::filesystem::path& path);

  reading(reading&&) noexcept;
  reading& operator=(reading&&) noexcept;
  ~reading();

  result<state_counts> counts();

  /// What submitted jobs cost, by type and by the state of their conversions, in that order. Reads every job.
  result<std::vector<cost_line>> costs();

  /// The names of the manifests, in the order in which they were first read.
  result<std::vector<std::string>> manifests();

  /// The run that began last, if any.
  result<std::optional<run_record>> last_run();

  /// All runs, in the order of their beginning.
  result<std::vector<run_record>> runs();

  /// What the run that began last said that it waits for, if anything. It may have died since, and its wait be over.
  result<std::optional<wait_note>> wait();

  /// Whether a run holds the ledger now.
  [[nodiscard]] bool being_written() const;

  /// What keeps jobs from being done: at most so many groups of each kind, with the places of so many jobs each.
  result<problem_groups> problems(std::size_t most_groups, std::size_t most_places);

  /// How many submitted jobs the service did not know when it was asked last.
  result<std::uint64_t> missing();

  /// The whole ledger at a glance, of one moment; at most so many groups of problems of each kind, with the places of
  /// so many jobs each.
  result<ledger::survey> survey(std::size_t most_groups, std::size_t most_places);

  /// Calls `each` for every job that was sent, in the order of sending. In constant memory: they are sorted on disk.
  result<void> visit_tries(const std::function<void(const try_record&)>& each);

  /// Everything that `read` reads here is of one moment. While it goes on, a run that is writing cannot shorten its WAL
  /// file.
  result<void> at_one_moment(const std::function<result<void>()>& read);

  /// Calls `each` for the jobs in the states of `filter`, in manifest order, until it returns false. One snapshot, in
  /// constant memory. While it goes on, a run that is writing cannot shorten its WAL file.
  result<void> for_each(const record_filter& filter, const std::function<bool(const record&)>& each);

private:
  struct impl;

  explicit reading(std::unique_ptr<impl> i) noexcept;

  std::unique_ptr<impl> impl_;
};

} // namespace mcbatch::ledger

#endif
