#include "failures.hpp"
#include "store_impl.hpp"
#include "wal_file.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace mcbatch::ledger {
namespace {

/// How long `close` waits for readers, so that a `status` that just looks in does not keep the ledger in WAL mode.
constexpr int close_tries = 10;
constexpr std::chrono::milliseconds close_pause{20};

} // namespace

// The numbers of states are those of job_state, which never change.
statements::statements(sql::database& db)
    : manifest_add(db, "INSERT INTO manifests(path) VALUES (?) ON CONFLICT DO NOTHING"),
      manifest_find(db, "SELECT id FROM manifests WHERE path = ?"),
      job_add(db, "INSERT INTO jobs(key, state, manifest, line, type) VALUES (?, ?, ?, ?, ?)"),
      job_place(db, "UPDATE jobs SET manifest = ?, line = ? WHERE id = ?"),
      job_requeue(db, "UPDATE jobs SET state = 0, doubted = doubted OR ? WHERE id = ?"),
      entry_add(db, "INSERT INTO entries(id, body, content, own_size, expires_at) VALUES (?, ?, ?, ?, ?)"),
      // A page whose rows do not change is not written again.
      entry_replace(
          db, "UPDATE entries SET body = ?2, content = ?3, own_size = ?4, expires_at = ?5 "
              "WHERE id = ?1 AND (body IS NOT ?2 OR content IS NOT ?3 OR own_size IS NOT ?4 OR expires_at IS NOT ?5)"),
      entry_content(db, "SELECT content FROM entries WHERE id = ?"),
      // The state stands in the text, for only then does SQLite use the partial index.
      bad_find(db, "SELECT id FROM jobs WHERE manifest = ? AND line = ? AND state = 5 AND id > ? ORDER BY id LIMIT 1"),
      bad_add(db, "INSERT INTO jobs(state, manifest, line) VALUES (5, ?, ?)"),
      bad_of_manifest(db, "SELECT id FROM jobs WHERE manifest = ? AND state = 5"),
      problem_add(db, "INSERT INTO problems(job, number, field, message) VALUES (?, ?, ?, ?)"),
      problems_drop(db, "DELETE FROM problems WHERE job = ?"), entry_drop(db, "DELETE FROM entries WHERE id = ?"),
      job_drop(db, "DELETE FROM jobs WHERE id = ?"),
      job_fetch(db, "SELECT key, body, attempts, generation, doubted, expires_at, id "
                    "FROM jobs JOIN entries USING (id) WHERE id BETWEEN ? AND ? ORDER BY id"),
      job_begin(db, "UPDATE jobs SET state = 1, attempts = attempts + 1, sent_at = ? "
                    "WHERE id BETWEEN ? AND ? AND state = 0"),
      job_finish(db, "UPDATE jobs SET state = ?, attempts = attempts - ?, doubted = doubted OR ? "
                     "WHERE id BETWEEN ? AND ? AND state = ?"),
      job_put_back(db, "UPDATE jobs SET state = 0, attempts = max(attempts - 1, 0) "
                       "WHERE id = ? AND (state = 3 OR (state = 4 AND doubted)) RETURNING doubted"),
      answer_put(db, "REPLACE INTO answers(id, http_status, job_id, job_status, error, message, "
                     "estimated_cost_micros, answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      type_add(db, "INSERT INTO job_types(name) VALUES (?)"), type_set(db, "UPDATE jobs SET type = ? WHERE id = ?"),
      key_find(db, "SELECT key FROM jobs WHERE id = ?"),
      job_prove(db, "SELECT sent_at, state FROM jobs WHERE id = ? AND (state = 4 OR (state = 0 AND doubted))"),
      job_set_submitted(db, "UPDATE jobs SET state = 2 WHERE id = ?"),
      conversion_find(db, "SELECT state, progress_percent, cost_micros, processing_s, output_bytes, error, message, "
                          "ended_at FROM conversions WHERE id = ?"),
      conversion_put(db, "REPLACE INTO conversions(id, state, progress_percent, cost_micros, processing_s, "
                         "output_bytes, error, message, ended_at, heard_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      estimate_find(db, "SELECT estimated_cost_micros FROM answers WHERE id = ?"),
      submitted_find(db, "SELECT id FROM answers JOIN jobs USING (id) WHERE job_id = ? AND state = 2"),
      doubted_find(db, "SELECT id FROM jobs WHERE key = ? AND (state = 4 OR (state = 0 AND doubted))"),
      early_find(db, "SELECT state, progress_percent, cost_micros, processing_s, output_bytes, error, message, "
                     "ended_at, heard_at, key FROM early_events WHERE job_id = ?"),
      early_find_by_key(db, "SELECT job_id FROM early_events WHERE key = ?"),
      early_put(db, "REPLACE INTO early_events(job_id, key, state, progress_percent, cost_micros, processing_s, "
                    "output_bytes, error, message, ended_at, heard_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      early_drop(db, "DELETE FROM early_events WHERE job_id = ?"),
      early_drop_oldest(db, "DELETE FROM early_events WHERE job_id = "
                            "(SELECT job_id FROM early_events ORDER BY key IS NOT NULL, heard_at LIMIT 1)") {}

store::store(std::unique_ptr<impl> i) noexcept : impl_(std::move(i)) {}
store::store(store&&) noexcept = default;
store& store::operator=(store&&) noexcept = default;
store::~store() = default;

result<void> store::close() {
  try {
    for (int tries = 0; tries < close_tries; ++tries) {
      if (leave_wal(impl_->db, impl_->path)) return {};
      std::this_thread::sleep_for(close_pause);
    }
    empty_log(impl_->db);
  } catch (const std::exception& e) {
    return write_failure(impl_->path, e);
  }
  return {};
}

result<void> store::transact(const std::function<void(store&)>& work) {
  try {
    sql::transaction whole(impl_->db);
    work(*this);
    whole.commit();
    return {};
  } catch (const std::exception& e) {
    return write_failure(impl_->path, e);
  }
}

const std::string& store::ledger_id() const {
  return impl_->ledger_id;
}

const std::string& store::address_secret() const {
  return impl_->address_secret;
}

bool store::copied() const {
  return impl_->copied;
}

std::uint64_t store::recovered() const {
  return impl_->recovered;
}

state_counts store::counts() const {
  return impl_->counts;
}

state_counts store::run_counts() const {
  return impl_->run_counts;
}

void store::begin_run(wall_time now, run_kind kind) {
  if (impl_->run != 0) return;
  sql::statement(impl_->db, "INSERT INTO runs(started_at, kind) VALUES (?, ?)").run(now, to_string(kind));
  impl_->run = impl_->db.last_insert_id();
  note_wait(std::nullopt); // of a run that died
}

void store::note_wait(const std::optional<wait_note>& note) {
  if (!note) return impl_->db.exec("DELETE FROM meta WHERE name IN ('wait_for', 'wait_window', 'wait_until')");
  sql::statement put(impl_->db, "REPLACE INTO meta VALUES ('wait_for', ?), ('wait_window', ?), ('wait_until', ?)");
  put.run(note->what, note->window, note->until);
}

void store::end_run(wall_time now, std::string_view stop_reason, std::string_view summary) {
  sql::statement(impl_->db, "UPDATE runs SET ended_at = ?, stop_reason = ?, summary = ? WHERE id = ?")
      .run(now, stop_reason, summary, impl_->run);
  note_wait(std::nullopt);
}

} // namespace mcbatch::ledger
