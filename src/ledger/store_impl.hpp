#ifndef MCBATCH_LEDGER_STORE_IMPL_HPP
#define MCBATCH_LEDGER_STORE_IMPL_HPP

#include "due_jobs.hpp"
#include "known_jobs.hpp"
#include "row_set.hpp"
#include "sqlite.hpp"

#include <mcbatch/ledger/lock.hpp>
#include <mcbatch/ledger/store.hpp>

#include <unordered_map>

namespace mcbatch::ledger {

/// Every statement that a run uses more than once, prepared once.
struct statements {
  explicit statements(sql::database& db);

  sql::statement manifest_add, manifest_find;
  sql::statement job_add, job_place, job_requeue;
  sql::statement entry_add, entry_replace, entry_content;
  sql::statement bad_find, bad_add, bad_of_manifest;
  sql::statement problem_add, problems_drop, entry_drop, job_drop;
  sql::statement job_fetch, job_begin, job_finish, job_put_back;
  sql::statement answer_put;
};

/// Where a bad entry stands.
struct bad_place {
  std::uint32_t manifest = 0;
  std::uint64_t line = 0;
  std::int64_t id = 0;
};

struct store::impl {
  impl(std::filesystem::path path, file_lock lock, file_lock id_lock, sql::database db, const store_options& options);
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  /// Counts the change of state of a job.
  void moved(std::int64_t id, job_state from, job_state to);

  /// Takes a job into this run, in its present state, unless it belongs to it already.
  void join(std::int64_t id, job_state state);

  /// A pending job of this run, to be fetched.
  void queue(std::int64_t id, std::optional<wall_time> expires_at);

  import_result import_fresh(const new_entry& entry);
  import_result import_known(const known_job& job, const new_entry& entry);
  import_result import_repeated(const known_job& job, const new_entry& entry);
  void take_body(const known_job& job, const new_entry& entry);

  /// The content of this run's first entry of a job, or of the ledger's where the run has none yet.
  job_key content_of(std::int64_t id, const job_key& key);

  std::int64_t add_bad(const bad_entry& entry);
  void drop_bad(std::int64_t id);

  // Order matters: statements go before their connection, and the locks go last.
  file_lock lock, id_lock;
  std::filesystem::path path;
  sql::database db;
  statements prepared;
  known_jobs known;

  std::string ledger_id;
  bool has_key_field;
  bool resubmit_in_doubt;
  bool copied;
  std::uint64_t recovered = 0;
  std::int64_t run = 0; // the row of this run's record

  state_counts counts;     // of the ledger
  state_counts run_counts; // of this run
  std::int64_t cost_micros = 0;

  row_set seen;       // jobs of this run
  bad_place last_bad; // of this run, recorded last
  due_jobs due;       // those of them that are pending and were not fetched yet

  // What this run's first entry of a key held, where the ledger keeps an older one. Only under a key field.
  std::unordered_map<std::int64_t, job_key> newer_content;
};

} // namespace mcbatch::ledger

#endif
