#include "schema.hpp"

#include "header.hpp"
#include "original.hpp"
#include "sync.hpp"
#include "wal_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <span>
#include <sys/random.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mcbatch::ledger {
namespace {

constexpr std::int64_t schema_version = 1;

// Bodies and answers lie apart from `jobs`, which every request touches, so that its pages stay in memory.
// Keys have no index: see known_jobs. Times are microseconds since 1970, UTC. State 5 is job_state::invalid.
constexpr const char* schema = R"sql(
CREATE TABLE meta(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE manifests(
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY,
  key BLOB,                         -- 16 bytes, no two the same; NULL for an invalid entry
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  doubted INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 0,
  manifest INTEGER NOT NULL,
  line INTEGER NOT NULL,
  sent_at INTEGER,
  type INTEGER NOT NULL DEFAULT 0) STRICT; -- in job_types; 0 where it was not recorded
CREATE INDEX bad_by_place ON jobs(manifest, line) WHERE state = 5; -- several, where an array is on one line
CREATE TABLE entries(
  id INTEGER PRIMARY KEY,           -- of the job
  body BLOB NOT NULL,               -- what is sent; as read for an invalid entry
  content BLOB,                     -- 16 bytes; NULL where it equals the key
  own_size INTEGER,                 -- bytes of the body that were read, but for the closing brace; NULL where all were
  expires_at INTEGER) STRICT;       -- when its presigned URLs end
CREATE TABLE answers(
  id INTEGER PRIMARY KEY,           -- of the job
  http_status INTEGER NOT NULL,     -- 0 where no whole answer came
  job_id TEXT NOT NULL,
  job_status TEXT NOT NULL,
  error TEXT NOT NULL,
  message TEXT NOT NULL,
  estimated_cost_micros INTEGER,
  answered_at INTEGER NOT NULL) STRICT;
CREATE TABLE problems(
  job INTEGER NOT NULL,
  number INTEGER NOT NULL,
  field TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY(job, number)) STRICT, WITHOUT ROWID;
CREATE TABLE runs(
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  stop_reason TEXT NOT NULL DEFAULT '',  -- 'killed' without an end where another opened the ledger since
  summary TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT 'submit') STRICT;
)sql";

// What came later, and is added to a ledger that lacks it. An earlier mcbatch passes it over.
constexpr const char* following = R"sql(
CREATE TABLE IF NOT EXISTS job_types(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS conversions(
  id INTEGER PRIMARY KEY,           -- of the job: submitted, and more was heard of it than its acceptance
  state INTEGER NOT NULL,           -- conversion_state
  progress_percent INTEGER,
  cost_micros INTEGER,              -- final
  processing_s INTEGER,
  output_bytes INTEGER,
  error TEXT NOT NULL,
  message TEXT NOT NULL,
  ended_at INTEGER,                 -- by the service's clock
  heard_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS missing( -- submitted jobs that the service does not know
  id INTEGER PRIMARY KEY,           -- of the job
  http_status INTEGER NOT NULL,
  error TEXT NOT NULL,
  message TEXT NOT NULL,
  asked_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS early_events( -- of jobs that the ledger does not know as submitted
  job_id TEXT PRIMARY KEY,
  key BLOB,                         -- of the job, where the event named it
  state INTEGER NOT NULL,
  progress_percent INTEGER,
  cost_micros INTEGER,
  processing_s INTEGER,
  output_bytes INTEGER,
  error TEXT NOT NULL,
  message TEXT NOT NULL,
  ended_at INTEGER,
  heard_at INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS early_by_key ON early_events(key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS early_by_age ON early_events(key IS NOT NULL, heard_at); -- in the order in which they go
)sql";

/// Of a ledger whose conversions are followed: without them each event would read every row.
constexpr const char* following_indexes = R"sql(
CREATE INDEX IF NOT EXISTS answers_by_job_id ON answers(job_id);
CREATE INDEX IF NOT EXISTS doubted_by_key ON jobs(key) WHERE state = 4 OR (state = 0 AND doubted);
)sql";

failure cannot_create(const std::filesystem::path& path, int reason) {
  return {errc::cannot_write, "cannot create the ledger " + path.string() + ": " +
                                  std::generic_category().message(reason) +
                                  ". Nothing was sent. Name another place with --ledger."};
}

/// SQLite would replay it into the new file.
failure orphaned(const std::filesystem::path& path, const std::filesystem::path& left) {
  return {errc::cannot_write,
          "cannot create the ledger " + path.string() + ": " + left.string() +
              " belongs to a ledger that stood there and is gone. Put that ledger back, or remove " + left.string() +
              " if you can do without what it records."};
}

/// 0, or the errno of the failure.
int create_private_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return errno;
  // The umask may have taken away from the mode; SQLite gives -wal and -shm the mode of the ledger.
  const int reason = ::fchmod(fd, S_IRUSR | S_IWUSR) == 0 ? 0 : errno;
  ::close(fd);
  return reason;
}

std::string draw_hex() {
  job_key random; // the same size and writing: 32 hexadecimal digits
  if (::getentropy(random.bytes.data(), random.bytes.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "getentropy");
  return to_hex(random);
}

/// An event that was kept before there was that secret may name another ledger's job: it proves nothing.
void remember_address_secret(sql::database& db) {
  sql::statement(db, "INSERT INTO meta(name, value) VALUES ('address_secret', ?)").run(draw_hex());
  db.exec("UPDATE early_events SET key = NULL");
}

/// In WAL mode from the beginning. Nothing reaches the disk before it is whole, so that nothing needs a journal, nor a
/// sync of its own; and nobody else knows of the file.
void fill(const std::filesystem::path& path, const std::optional<std::string>& key_field) {
  sql::database db(path, sql::access::write);
  db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
  sql::transaction whole(db);
  db.exec(schema);
  db.exec(following);
  db.exec(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  db.exec(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
  sql::statement remember(db, "INSERT INTO meta(name, value) VALUES (?, ?)");
  remember.run(std::string_view("ledger_id"), draw_hex());
  remember_address_secret(db);
  remember_file(db, path);
  if (key_field) remember.run(std::string_view("key_field"), *key_field);
  whole.commit();
  db.exec("PRAGMA journal_mode = WAL");
}

} // namespace

bool has_conversions(sql::database& db) {
  return sql::query_integer(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'conversions'") != 0;
}

bool has_missing(sql::database& db) {
  return sql::query_integer(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'missing'") != 0;
}

bool has_run_kinds(sql::database& db) {
  return sql::query_integer(db, "SELECT count(*) FROM pragma_table_info('runs') WHERE name = 'kind'") != 0;
}

result<void> create_ledger(const std::filesystem::path& path, const std::optional<std::string>& key_field) {
  for (const char* suffix : {"-wal", "-journal"})
    if (const auto left = beside(path, suffix); holds_something(left)) return orphaned(path, left);
  // Under another name first, so that a death in the middle leaves nothing that looks like a ledger.
  const auto unfinished = with_suffix(path, ".new");
  const auto remove = [&unfinished](const char* suffix) {
    std::error_code not_there;
    std::filesystem::remove(with_suffix(unfinished, suffix), not_there);
  };
  for (const char* suffix : {"", "-journal", "-wal"})
    remove(suffix);
  if (const int reason = create_private_file(unfinished); reason != 0) return cannot_create(path, reason);
  fill(unfinished, key_field);
  remove("-wal"); // which holds nothing
  if (const int reason = sync_content(unfinished); reason != 0) return cannot_create(path, reason);
  make_log(path); // before there is a ledger whose log could be missing
  std::error_code failed;
  std::filesystem::rename(unfinished, path, failed);
  if (failed) return cannot_create(path, failed.value());
  if (const int reason = sync_name(path); reason != 0) return cannot_create(path, reason);
  return {};
}

result<void> check_version(sql::database& db, const std::filesystem::path& path) {
  const auto version = sql::query_integer(db, "PRAGMA user_version");
  // A later schema_version migrates the ones before it here: a copy of the file first, then one transaction.
  if (version == schema_version) return {};
  return failure{errc::not_a_ledger, path.string() + " is a ledger of version " + std::to_string(version) +
                                         ", and this mcbatch knows version " + std::to_string(schema_version) +
                                         ": use the mcbatch that wrote it, or a newer one."};
}

void renew(sql::database& db, bool follow) {
  sql::transaction whole(db);
  if (!has_conversions(db)) db.exec("ALTER TABLE jobs ADD COLUMN type INTEGER NOT NULL DEFAULT 0");
  if (!has_run_kinds(db)) db.exec("ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'submit'");
  db.exec(following);
  db.exec("UPDATE runs SET stop_reason = 'killed' WHERE ended_at IS NULL AND stop_reason = ''");
  if (sql::query_integer(db, "SELECT count(*) FROM meta WHERE name = 'address_secret'") == 0)
    remember_address_secret(db);
  db.exec("CREATE INDEX IF NOT EXISTS bad_by_place ON jobs(manifest, line) WHERE state = 5");
  db.exec("DROP INDEX IF EXISTS invalid_by_place");
  db.exec("DROP INDEX IF EXISTS jobs_by_key");
  if (follow) db.exec(following_indexes);
  whole.commit();
}

} // namespace mcbatch::ledger
