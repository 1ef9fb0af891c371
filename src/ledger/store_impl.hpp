#ifndef MCBATCH_LEDGER_STORE_IMPL_HPP
#define MCBATCH_LEDGER_STORE_IMPL_HPP

#include "due_jobs.hpp"
#include "known_jobs.hpp"
#include "missing_jobs.hpp"
#include "row_set.hpp"
#include "sqlite.hpp"

#include <mcbatch/ledger/lock.hpp>
#include <mcbatch/ledger/store.hpp>

#include <string>
#include <unordered_map>
#include <unordered_set>

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
  sql::statement type_add, type_set;
  sql::statement key_find, job_prove, job_set_submitted;
  sql::statement conversion_find, conversion_put, estimate_find;
  sql::statement submitted_find, doubted_find;
  sql::statement early_find, early_find_by_key, early_put, early_drop, early_drop_oldest;
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

  /// Moves the jobs of a range of ids, which all have such a verdict, to its state.
  void end_tries(std::int64_t first, std::int64_t last, const verdict& v);

  /// Keeps what was answered to a job that is in the verdict's state.
  void keep_answer(std::int64_t id, const verdict& v);

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

  /// The number of a job's type; that of "other" for all that come after the first hundred.
  std::int64_t type_of(std::string_view name);

  /// Adds to what is known of a submitted job's conversion. Returns whether anything is new.
  progress convert(std::int64_t id, const conversion& heard, wall_time at);

  /// The service has the job under that id: what it said of it before that was known is believed now.
  void recall(std::int64_t id, std::string_view job_id);

  /// A job in doubt turned out to be accepted.
  void prove(std::int64_t id, const outcome& what);

  /// If an event has come that proves that the service has the job, which is in doubt, proves it.
  void prove_by_early_event(std::int64_t id, const job_key& key);

  /// The same for every event that was kept.
  void believe_early_events();
  job_key key_of(std::int64_t id);

  event_fate keep_early(const heard_event& event, wall_time at);
  std::optional<std::int64_t> find_by_job_id(std::string_view job_id); // among submitted jobs

  /// Among jobs that events can prove: those in doubt, and those that were and are to go out again.
  std::optional<std::int64_t> find_doubted(const job_key& key);

  /// Adds the estimate of a job that was accepted.
  void count_cost(const outcome& accepted);

  // Order matters: statements go before their connection, and the locks go last.
  file_lock lock, id_lock;
  std::filesystem::path path;
  sql::database db;
  statements prepared;
  known_jobs known;
  missing_jobs missing;

  std::string ledger_id, address_secret;
  bool has_key_field;
  bool resubmit_in_doubt;
  bool copied;
  std::uint64_t recovered = 0;
  std::int64_t run = 0; // the row of this run's record

  state_counts counts;     // of the ledger
  state_counts run_counts; // of this run
  std::int64_t cost_micros = 0;

  conversion_counts conversions;     // but for the pending ones of which nothing was heard
  std::int64_t beyond_estimates = 0; // what was charged in the end, over what was estimated for the same jobs
  std::uint64_t early_events = 0;    // how many are kept
  ledger::late_costs late;           // since it was opened
  bool proven_in_this_run = false;   // some job: what was read of it before is no longer so
  std::unordered_set<std::int64_t> proven_pending; // jobs that were pending then: they may be in a run's hands
  std::unordered_map<std::string, std::int64_t> types;

  row_set seen;       // jobs of this run
  bad_place last_bad; // of this run, recorded last
  due_jobs due;       // those of them that are pending and were not fetched yet

  // What this run's first entry of a key held, where the ledger keeps an older one. Only under a key field.
  std::unordered_map<std::int64_t, job_key> newer_content;
};

} // namespace mcbatch::ledger

#endif
