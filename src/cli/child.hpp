#ifndef MCBATCH_CLI_CHILD_HPP
#define MCBATCH_CLI_CHILD_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace mcbatch::cli {

/// A program that runs beside this one, and ends with it: however this one ends, even by SIGKILL. A signal from the
/// terminal does not reach it.
class child {
public:
  /// Descriptors that become its standard streams. -1 stands for /dev/null.
  struct streams {
    int in = -1, out = -1, err = -1;
  };

  /// Runs `command`, looked for in PATH where it is no path. The thread that calls must last as long as the child.
  /// errc::cannot_open where there is no such program or it cannot be started.
  static result<child> start(std::vector<std::string> command, streams s);

  child(child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  child& operator=(child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  /// Kills it, if it was not waited for.
  ~child();

  /// Its exit code, or 128 and the number of the signal that ended it; nothing where it has not ended so soon.
  std::optional<int> wait(duration longest);

private:
  explicit child(pid_t pid) : pid_(pid) {}

  pid_t pid_ = -1;
};

} // namespace mcbatch::cli

#endif
