#ifndef MCBATCH_LEDGER_MOVED_KEYS_HPP
#define MCBATCH_LEDGER_MOVED_KEYS_HPP

#include "sqlite.hpp"

#include <cstdint>
#include <string>

namespace mcbatch::ledger {

/// The temporary file failed, and not the ledger.
class temporary_file_error : public sql::error {
public:
  temporary_file_error(const sql::error& cause, std::string what) : sql::error(cause), what_(std::move(what)) {}

  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

private:
  std::string what_;
};

/// Which rows have which keys, on the disk: in a database without a name, whose file is gone with its process, some 15
/// bytes a job. SQLite makes it in the first of these folders that it may write: $SQLITE_TMPDIR, $TMPDIR, /var/tmp,
/// /usr/tmp, /tmp and the working folder. In memory it takes 2 MiB.
///
/// Throws temporary_file_error.
class moved_keys {
public:
  moved_keys();

  /// `part` is of the key. Cheapest where the parts of those that are added one after the other are near each other.
  void add(std::uint32_t part, std::uint32_t row);

  /// Calls `is_it` with each row that was added with `part`, until it returns true. Returns whether it did.
  template <class IsIt>
  bool find(std::uint32_t part, IsIt is_it) {
    for (auto r = rows_of(part); next(r);)
      if (is_it(r.integer(0))) return true;
    return false;
  }

private:
  sql::rows rows_of(std::uint32_t part);
  bool next(sql::rows& r);

  sql::database db_;
  sql::statement add_, find_;
};

} // namespace mcbatch::ledger

#endif
