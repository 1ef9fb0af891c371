#ifndef MCBATCH_LEDGER_SQLITE_HPP
#define MCBATCH_LEDGER_SQLITE_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

/// A thin skin over SQLite's C interface: handles that close themselves, and errors that are thrown. It stays within
/// the room, whose public functions turn the exception into a failure.
namespace mcbatch::ledger::sql {

/// What SQLite reports, in its own words, with the system's reason where it has one.
class error : public std::runtime_error {
public:
  explicit error(sqlite3* db);
  error(int code, const std::string& what) : std::runtime_error(what), code_(code) {}

  /// The primary result code: SQLITE_FULL, SQLITE_IOERR, ...
  [[nodiscard]] int code() const noexcept { return code_ & 0xff; }

  /// Whether the process, or the machine, has as many files open as it may.
  [[nodiscard]] bool out_of_files() const noexcept { return out_of_files_; }

  /// Whether it is for a writer to undo what one that died had half done.
  [[nodiscard]] bool wants_rollback() const noexcept { return code_ == SQLITE_READONLY_ROLLBACK; }

  /// Whether SQLite knows of no folder that it may write temporary files in.
  [[nodiscard]] bool no_temporary_folder() const noexcept { return code_ == SQLITE_IOERR_GETTEMPPATH; }

private:
  int code_;
  bool out_of_files_ = false;
};

enum class access {
  write,
  read,
  read_immutable, ///< takes no locks and makes no files: for media that cannot change
};

class database {
public:
  /// Opens a file that exists. Its end leaves the WAL to the next opening, as a crash would.
  database(const std::filesystem::path& path, access how);

  /// An empty one, in a file without a name that is gone with it. There is no file before it outgrows SQLite's cache.
  static database temporary();

  void exec(const char* sql);

  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  [[nodiscard]] std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(db_.get()); }
  [[nodiscard]] std::uint64_t changes() const { return static_cast<std::uint64_t>(sqlite3_changes64(db_.get())); }

  /// Where SQLite has this process's temporary files; empty where it cannot tell, as before this database has a file.
  [[nodiscard]] std::filesystem::path temporary_folder() const;

private:
  friend class statement;

  database(const std::string& name, int flags);

  struct closer {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, closer> db_;
};

/// Bytes that are bound as a BLOB; text is bound as a plain string_view.
struct blob {
  std::string_view bytes;
};

/// The rows of one execution. The statement is reset at the end of its life.
class rows {
public:
  explicit rows(sqlite3_stmt* s) : statement_(s) {}
  rows(const rows&) = delete;
  rows& operator=(const rows&) = delete;
  ~rows() { sqlite3_reset(statement_); }

  /// Moves to the next row; false at the end.
  bool next();

  [[nodiscard]] bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

  template <class T = std::int64_t>
  [[nodiscard]] T integer(int column) const {
    return static_cast<T>(sqlite3_column_int64(statement_, column));
  }

  /// Text or BLOB; empty for NULL. Valid until the next row.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] job_key key(int column) const;
  [[nodiscard]] wall_time time(int column) const;

private:
  sqlite3_stmt* statement_;
};

/// A prepared statement. Parameters are numbered from 1, in the order of the arguments.
class statement {
public:
  statement(database& db, std::string_view text);

  /// The rows that it gives. The arguments must live as long as they do.
  template <class... Args>
  [[nodiscard]] rows query(const Args&... args) {
    bind_all(args...);
    return rows(statement_.get());
  }

  /// Executes it for its effect.
  template <class... Args>
  void run(const Args&... args) {
    bind_all(args...);
    rows r(statement_.get());
    while (r.next())
      ;
  }

private:
  struct finalizer {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
  };

  template <class... Args>
  void bind_all(const Args&... args) {
    int index = 0;
    (check(bind(++index, args)), ...);
  }

  template <std::integral T>
  int bind(int index, T value) {
    return sqlite3_bind_int64(statement_.get(), index, static_cast<sqlite3_int64>(value));
  }
  template <class T>
  int bind(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : sqlite3_bind_null(statement_.get(), index);
  }
  int bind(int index, std::string_view text);
  int bind(int index, const std::string& text) { return bind(index, std::string_view(text)); }
  int bind(int index, blob b);
  int bind(int index, const job_key& key);
  int bind(int index, job_state state) { return bind(index, static_cast<std::int64_t>(state)); }
  int bind(int index, wall_time t) { return bind(index, t.time_since_epoch().count()); }
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, finalizer> statement_;
};

/// The single integer that `text` asks for; 0 where it is NULL.
std::int64_t query_integer(database& db, std::string_view text);

/// A transaction that is rolled back unless it is committed.
class transaction {
public:
  explicit transaction(database& db);
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  void commit() { db_.exec("COMMIT"); }

private:
  database& db_;
};

} // namespace mcbatch::ledger::sql

#endif
