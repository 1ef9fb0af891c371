#ifndef MCBATCH_LEDGER_KNOWN_JOBS_HPP
#define MCBATCH_LEDGER_KNOWN_JOBS_HPP

#include "key_index.hpp"
#include "sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcbatch::ledger {

/// A job as the ledger knows it when its entry is read again.
struct known_job {
  std::int64_t id = 0;
  job_state state = job_state::pending;
  std::uint32_t manifest = 0;
  std::uint64_t line = 0;
};

/// Finds jobs by their keys. The file has no index of them: keys are random, so that each new one would dirty a page of
/// its own, more than all else that is written of a job, and the more so the larger the ledger is. They are kept beside
/// it in its place, from the rows that are read when a key is looked for: as far as need be, each once. A manifest that
/// is read again asks for the rows in their order, and costs no search.
///
/// Throws SQLite's errors, and temporary_file_error.
class known_jobs {
public:
  /// `db` must outlive it. Of more than `in_memory` keys, the rest goes to a temporary file.
  known_jobs(sql::database& db, std::size_t in_memory);

  /// The job as it was when its row was read: the job of a row that has changed since is to be asked `at`.
  std::optional<known_job> find(const job_key& key);

  /// The job of a row that exists.
  known_job at(std::int64_t id);

  /// A job that was put in the ledger after it was looked for in vain.
  void add(const job_key& key, std::int64_t id) { index_.add(key, id); }

private:
  struct row {
    job_key key;
    known_job job;
  };

  std::optional<known_job> find_next(const job_key& key);
  std::optional<known_job> find_among_read(const job_key& key);
  void read_behind(std::int64_t id);

  sql::statement by_id_, behind_;
  key_index index_;
  std::int64_t read_to_ = 0; // the rows up to here are in the index
  std::int64_t last_;        // and those behind this one, which are this run's

  std::vector<row> ahead_; // rows in their order, of which the first is likely to be asked for next
  std::size_t next_ = 0;   // of them
  std::int64_t found_ = 0; // the row that was found last
};

} // namespace mcbatch::ledger

#endif
