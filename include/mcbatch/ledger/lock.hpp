#ifndef MCBATCH_LEDGER_LOCK_HPP
#define MCBATCH_LEDGER_LOCK_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>

#include <filesystem>
#include <string_view>

namespace mcbatch::ledger {

/// The right to write one ledger: an flock(2) on LEDGER.lock, held until destroyed. The kernel gives it back when its
/// process dies, so a lock never outlives its run. The file itself stays: removing it would let two runs each lock
/// a file of their own.
class file_lock {
public:
  /// Waits up to `wait` for another run to let go. Blocks the calling thread for that long.
  /// Errors: `locked` names the process that holds it; `cannot_write` where LEDGER.lock cannot be made.
  static result<file_lock> acquire(const std::filesystem::path& ledger, duration wait);

  /// The right to write ledgers with this id on this machine, for whoever has locked `ledger`: a copy of a ledger has a
  /// lock file of its own, and would send what is pending in both. Waits as above. It reaches as far as the
  /// network namespace (unix(7)): not over containers; and where the process may have no such sockets, it keeps nobody
  /// out. Errors: `locked`; `cannot_write`.
  static result<file_lock> acquire_id(const std::filesystem::path& ledger, std::string_view id, duration wait);

  file_lock(file_lock&& other) noexcept;
  file_lock& operator=(file_lock&& other) noexcept;
  ~file_lock();

private:
  explicit file_lock(int fd) noexcept : fd_(fd) {}

  int fd_;
};

/// Whether some process holds the lock of `ledger` now. Takes the lock for an instant to find out.
bool is_locked(const std::filesystem::path& ledger);

} // namespace mcbatch::ledger

#endif
