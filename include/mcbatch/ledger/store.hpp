#ifndef MCBATCH_LEDGER_STORE_HPP
#define MCBATCH_LEDGER_STORE_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/job.hpp>
#include <mcbatch/core/outcome.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/conversions.hpp>
#include <mcbatch/ledger/entry.hpp>
#include <mcbatch/ledger/record.hpp>
#include <mcbatch/ledger/survey.hpp>
#include <mcbatch/ledger/wait_note.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::ledger {

struct store_options {
  std::optional<std::string> key_field; ///< the manifest field that identifies a job; none: the whole entry does
  bool resubmit_in_doubt = false;       ///< jobs in doubt that this run meets go out again
  bool follow = false;                  ///< conversions are followed: events find their jobs without reading every row
  duration lock_wait{};                 ///< how long to wait for another run that holds the ledger
  std::size_t keys_in_memory = 1 << 20; ///< of so many jobs at most; those of the rest lie in a temporary file
};

/// In which order jobs are fetched.
enum class fetch_order {
  manifest,
  soonest_to_expire, ///< those whose presigned URLs end first, and after them those without an end
};

/// What is recorded when a try ends, or when a job is not sent because its URLs have expired.
struct verdict {
  job_state state = job_state::in_doubt; ///< pending, submitted, rejected or in_doubt after a try; expired without one
  bool unsent = false;                   ///< no try was made: the job was pending. So it is with every expired one
  bool uncount_attempt = false;          ///< take back the attempt that `begin` counted
  outcome what;
  wall_time at{};
  bool doubted = false; ///< an earlier try, or this one, may have been accepted
};

/// The verdict on one job.
struct job_verdict {
  std::int64_t job; ///< its row
  verdict said;
};

struct retry_selection {
  bool rejected = false;
  bool in_doubt = false;
  bool expired = false;
  std::vector<job_key> keys; ///< only these jobs; empty: all
};

struct retry_counts {
  std::uint64_t rejected = 0;
  std::uint64_t in_doubt = 0;
  std::uint64_t expired = 0;
};

/// The ledger, open for writing: every job, where it stands and what was answered. It holds the ledger's lock and its
/// only writing connection. One thread at a time may use it. In memory it keeps two bits a job: whether it belongs to
/// this run, and whether it is still to be fetched; six bytes a job that `import` has read, to find its key, of a
/// million jobs at most, those of the rest being in a temporary file, some 15 bytes a job; and four bytes a job, of a
/// run whose jobs have presigned URLs, for when those end.
///
/// Everything below "within transact" must be called from the work of `transact`: there a failing disk or a step that
/// the states do not allow throws, the transaction is rolled back, and `transact` returns the failure. After a failure
/// the store is of no more use: its counts may be ahead of the file.
///
/// Destroyed without `close`, it leaves what a crash leaves: the next opening finds every committed change, and
/// jobs that were being sent become in doubt.
class store {
public:
  /// Opens the ledger at `path`, or creates it whole (mode 0600) where nothing stands.
  /// Errors: `locked`, also by a run on a copy; `not_a_ledger` (another kind of file, a newer mcbatch's, or one that
  /// was parted from its log); `usage` where it identifies jobs by another field; `cannot_write`, also on a network
  /// file system; `ledger_failed`.
  static result<store> create_or_open(const std::filesystem::path& path, const store_options& options);

  /// Opens a ledger that exists, whatever field it identifies jobs by: `options.key_field` is not looked at.
  /// Errors: as above, and `cannot_open` where there is none.
  static result<store> open_existing(const std::filesystem::path& path, const store_options& options);

  store(store&&) noexcept;
  store& operator=(store&&) noexcept;
  ~store();

  /// Ends the use of the ledger: it leaves WAL mode, so that it can be read where nothing can be written. Where a
  /// reader has it open just then, it stays in WAL mode, which costs nothing else.
  result<void> close();

  /// Runs `work` as one transaction. It is on the disk (fsync) when this returns success.
  result<void> transact(const std::function<void(store&)>& work);

  /// 32 hexadecimal digits, drawn when the ledger was created: part of each Idempotency-Key.
  [[nodiscard]] const std::string& ledger_id() const;

  /// As long, and drawn likewise, but told to nobody: what tags the addresses of its jobs' events.
  [[nodiscard]] const std::string& address_secret() const;

  /// Whether the ledger stands in another file than when it was last written: it was copied, moved to another disk or
  /// restored. The copy that it was made from, if it still stands, would send the same jobs.
  [[nodiscard]] bool copied() const;

  /// How many jobs a run that died left in flight; they are in doubt now.
  [[nodiscard]] std::uint64_t recovered() const;

  /// All jobs of the ledger, and those that this run imported or queued. Cheap: kept in memory.
  [[nodiscard]] state_counts counts() const;
  [[nodiscard]] state_counts run_counts() const;

  /// How far the conversions of all submitted jobs of the ledger are. Cheap.
  [[nodiscard]] conversion_counts conversions() const;

  /// How many submitted jobs the service did not know when it was asked last. Cheap.
  [[nodiscard]] std::uint64_t missing() const;

  /// What submitted jobs cost, by type and by the state of their conversions, in that order. Reads every job.
  [[nodiscard]] std::vector<cost_line> costs() const;

  /// The whole ledger at a glance; at most so many groups of problems of each kind, with so many jobs each. Reads every
  /// job.
  [[nodiscard]] ledger::survey survey(std::size_t most_groups, std::size_t most_places) const;

  /// What the ledger's jobs cost, in millionths of a euro: of those that have ended what was charged, if the service
  /// said so, and of the rest its estimates. Cheap.
  [[nodiscard]] std::int64_t spent_micros() const;

  /// What `spent_micros` does not know. Reads every job.
  [[nodiscard]] ledger::unpriced unpriced() const;

  /// What came to `spent_micros` since the ledger was opened, but for the estimates of jobs that were accepted. Cheap.
  [[nodiscard]] ledger::late_costs late_costs() const;

  /// Whether an event proved, since the ledger was opened, that the service has a job that was pending. Cheap.
  [[nodiscard]] bool is_proven(std::int64_t id) const;

  // Within transact: reading manifests.

  /// The number of a manifest, given on first use.
  std::uint32_t manifest(std::string_view name);

  import_result import(const new_entry& entry);

  /// Records an entry as invalid, in place of what was recorded for its line. Returns its row.
  std::int64_t import_bad(const bad_entry& entry);

  /// The manifest was read to its end: forgets the invalid entries that an earlier reading found and this one did not.
  void finish_manifest(std::uint32_t manifest);

  /// For a run without manifests: every pending job belongs to it, and every job in doubt if the run resubmits those.
  void queue_all_pending();

  // Within transact: sending.

  /// The next jobs of this run in `order`, at most `n`. Each is handed out once: a job that returns to pending by
  /// `finish` or `put_back` is still in the caller's hands.
  std::vector<job> fetch(std::size_t n, fetch_order order = fetch_order::manifest);

  /// Jobs that were fetched, and are to be fetched again. They are pending.
  void give_back(std::span<const std::int64_t> ids);

  /// Calls `each` for every job that is still to be fetched, in manifest order, with the end of its URLs in whole
  /// seconds; for none where none has an end. Memory alone: cheap.
  void visit_due(const std::function<void(std::optional<wall_time>)>& each) const;

  /// pending to sending, one more attempt; those that are proven stay as they are, and are not to be sent. Cheapest
  /// where the ids follow each other.
  void begin(std::span<const std::int64_t> ids, wall_time now);
  void begin(std::int64_t id, wall_time now) { begin(std::span(&id, 1), now); }

  /// sending to the verdict's state; or, unsent, pending to expired or in_doubt, unless it is proven.
  void finish(std::int64_t id, const verdict& v);
  /// The same for many at once, which costs least where their ids follow each other. In any order, each job once.
  void finish(std::span<const job_verdict> all);

  /// For a row of 403s that was the token's fault: jobs that were refused return to pending, and that attempt does not
  /// count. A job that was in doubt before it was refused returns too, and stays doubted; unless it was proven since.
  void put_back(std::span<const std::int64_t> ids);

  /// Puts jobs back to pending. A rejected one begins a new generation with no attempts; one in doubt stays doubted.
  /// A command of its own: not for a store that has imported or queued.
  retry_counts retry(const retry_selection& selection);

  /// Calls `each` for the jobs in the states of `filter`, as reading::for_each does. `each` changes nothing.
  void for_each(const record_filter& filter, const std::function<bool(const record&)>& each) const;

  /// in_doubt to submitted, by proof from elsewhere that the last try was accepted: `what` has the service's id. It
  /// counts as submitted when that try was sent.
  void settle(const job_key& key, const outcome& what);

  // Within transact: conversions.

  /// What the service answered when it was asked about a submitted job.
  progress follow(std::int64_t id, const conversion& said, wall_time at);

  /// What the service said by itself, signed. In any order, any number of times; ten thousand that come early are kept.
  hearing hear(const heard_event& event, wall_time at);

  /// The service does not know a job that it had accepted, or does not tell what has become of it: on record until it
  /// does. Of no effect where the conversion has ended.
  void miss(std::int64_t id, const outcome& said, wall_time at);

  /// The open conversions among the next `rows` rows behind row `after`.
  open_conversions find_open(std::int64_t after, std::int64_t rows) const;

  // Within transact: the record of this run.

  /// Once: a run that has begun goes on as it is.
  void begin_run(wall_time now, run_kind kind = run_kind::submit);

  /// What this run waits for from now on; nothing: for nothing of note. The note goes with the end of the run, and with
  /// the beginning of the next.
  void note_wait(const std::optional<wait_note>& note);

  void end_run(wall_time now, std::string_view stop_reason, std::string_view summary);

private:
  struct impl;

  static result<store> open(const std::filesystem::path& path, const store_options& options, bool may_create);
  explicit store(std::unique_ptr<impl> i) noexcept;

  std::unique_ptr<impl> impl_;
};

} // namespace mcbatch::ledger

#endif
