#ifndef MCBATCH_TESTS_WHOLE_RUNS_FORGETFUL_DISK_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_FORGETFUL_DISK_HPP

#include <mcbatch/core/random.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace mcbatch::whole_runs {

/// A folder on a disk that forgets, when the power fails, what was not synced: whole writes or sectors of them, the
/// lengths of files, and names that were made, moved or removed. It can also fail at any step. One at a time, one
/// thread.
///
/// The program's own open, pwrite, fsync and so on are found before the C library's, by SQLite too.
class forgetful_disk {
public:
  /// What becomes of a step that would change something.
  enum class fate {
    done,
    full,   ///< fails: ENOSPC
    broken, ///< fails: EIO
    dead,   ///< fails, and so does every step after it, until the next `wake`: the process is dead
  };

  /// Asked before each step: "write", "sync", "truncate", "create", "remove", "rename".
  using decider = std::function<fate(std::string_view step)>;

  forgetful_disk(const std::filesystem::path& folder, decider decide);
  ~forgetful_disk();
  forgetful_disk(const forgetful_disk&) = delete;
  forgetful_disk& operator=(const forgetful_disk&) = delete;

  /// No file of the folder may be open.
  void lose_power(random_source& chance);

  /// Nothing changes any more, as after a death.
  void freeze();
  void wake();
};

} // namespace mcbatch::whole_runs

#endif
