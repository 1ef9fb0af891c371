#include "sqlite.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace mcbatch::ledger::sql {
namespace {

/// How long to wait for another process: a reader that is just recovering the WAL, or a run that is just closing.
constexpr std::chrono::milliseconds busy_timeout{5000};

/// The errno behind SQLite's last error; 0 where there is none.
int system_reason(sqlite3* db) {
  const int code = sqlite3_errcode(db) & 0xff;
  return code == SQLITE_IOERR || code == SQLITE_CANTOPEN ? sqlite3_system_errno(db) : 0;
}

std::string sentence(sqlite3* db) {
  std::string what = sqlite3_errmsg(db);
  if (const int reason = system_reason(db); reason != 0) what += " (" + std::generic_category().message(reason) + ")";
  return what;
}

/// `path` as a URI (https://www.sqlite.org/uri.html): only there can "immutable" be said.
std::string immutable_uri(const std::string& path) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      uri += hex[byte >> 4];
      uri += hex[byte & 15];
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

/// What SQLite knows a file by. Absolute, for it takes names such as ":memory:" for something else.
std::string name_of(const std::filesystem::path& path, access how) {
  auto absolute = std::filesystem::absolute(path).string();
  return how == access::read_immutable ? immutable_uri(absolute) : absolute;
}

int open_flags(access how) {
  constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (how) {
  case access::write:
    return always | SQLITE_OPEN_READWRITE;
  case access::read:
    return always | SQLITE_OPEN_READONLY;
  case access::read_immutable:
    return always | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  }
  return always | SQLITE_OPEN_READONLY;
}

/// SQLite would count the memory that it takes, under a lock at each allocation: a tenth of a statement's time, for
/// figures that nobody asks for. Only before its first use can that be said, and later it changes nothing.
void count_no_memory() {
  [[maybe_unused]] static const int told = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

const char* not_null(std::string_view bytes) {
  return bytes.data() == nullptr ? "" : bytes.data();
}

} // namespace

error::error(sqlite3* db)
    : std::runtime_error(sentence(db)), code_(sqlite3_extended_errcode(db)),
      out_of_files_(system_reason(db) == EMFILE || system_reason(db) == ENFILE) {}

database::database(const std::string& name, int flags) {
  count_no_memory();
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
  db_.reset(raw);
  if (raw == nullptr) throw std::bad_alloc();
  if (code != SQLITE_OK) throw error(raw);
}

database::database(const std::filesystem::path& path, access how) : database(name_of(path, how), open_flags(how)) {
  auto* raw = db_.get();
  sqlite3_busy_timeout(raw, static_cast<int>(busy_timeout.count()));
  sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Else a statement is prepared again whenever a bound value could make another of the partial indexes useful.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
  int persist = 1;
  sqlite3_file_control(raw, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
}

database database::temporary() {
  return {std::string(), open_flags(access::write) | SQLITE_OPEN_CREATE};
}

std::filesystem::path database::temporary_folder() const {
  char* name = nullptr; // one that a further temporary file could have
  if (sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_TEMPFILENAME, &name) != SQLITE_OK || name == nullptr)
    return {};
  const std::unique_ptr<char, decltype(&sqlite3_free)> owned(name, sqlite3_free);
  return std::filesystem::path(name).parent_path();
}

void database::exec(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw error(db_.get());
}

bool rows::next() {
  switch (sqlite3_step(statement_)) {
  case SQLITE_ROW:
    return true;
  case SQLITE_DONE:
    return false;
  default:
    throw error(sqlite3_db_handle(statement_));
  }
}

std::string_view rows::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

job_key rows::key(int column) const {
  job_key key;
  const auto stored = bytes(column);
  if (stored.size() != key.bytes.size()) throw error(SQLITE_CORRUPT, "a job's key does not have 16 bytes");
  std::ranges::copy(stored, key.bytes.begin());
  return key;
}

wall_time rows::time(int column) const {
  return wall_time(std::chrono::microseconds(integer(column)));
}

statement::statement(database& db, std::string_view text) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db.db_.get(), text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) throw error(db.db_.get());
  statement_.reset(raw);
}

// Bound without a copy: what is bound outlives the execution, and is bound anew for the next.
int statement::bind(int index, std::string_view text) {
  return sqlite3_bind_text64(statement_.get(), index, not_null(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int statement::bind(int index, blob b) {
  return sqlite3_bind_blob64(statement_.get(), index, not_null(b.bytes), b.bytes.size(), SQLITE_STATIC);
}

int statement::bind(int index, const job_key& key) {
  return sqlite3_bind_blob64(statement_.get(), index, key.bytes.data(), key.bytes.size(), SQLITE_STATIC);
}

void statement::check(int code) const {
  if (code != SQLITE_OK) throw error(sqlite3_db_handle(statement_.get()));
}

std::int64_t query_integer(database& db, std::string_view text) {
  statement s(db, text);
  auto r = s.query();
  return r.next() ? r.integer(0) : 0;
}

transaction::transaction(database& db) : db_(db) {
  db_.exec("BEGIN");
}

transaction::~transaction() {
  // SQLite has already rolled back after some errors, and a rollback that fails is completed at the next opening.
  if (!db_.in_transaction()) return;
  try {
    db_.exec("ROLLBACK");
  } catch (const error&) {
    return;
  }
}

} // namespace mcbatch::ledger::sql
