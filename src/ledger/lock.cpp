#include <mcbatch/ledger/lock.hpp>

#include "header.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace mcbatch::ledger {
namespace {

constexpr std::chrono::milliseconds poll_interval{20};

/// Whoever only asks whether the ledger is locked holds it for an instant, so a first refusal is not believed.
constexpr std::chrono::milliseconds least_wait{60};

std::filesystem::path lock_path(const std::filesystem::path& ledger) {
  // One ledger has one lock, by whatever link it is reached.
  std::error_code failed;
  auto path = std::filesystem::weakly_canonical(ledger, failed);
  if (failed) path = ledger;
  return with_suffix(path, ".lock");
}

/// The process that wrote itself into the lock file; 0 if that cannot be told.
pid_t holder(int fd) {
  std::array<char, 20> text{};
  const auto size = ::pread(fd, text.data(), text.size(), 0);
  pid_t pid = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, pid);
  return pid;
}

failure held_by_another(const std::filesystem::path& ledger, int fd) {
  const auto pid = holder(fd);
  const auto who = pid > 0 ? " (process " + std::to_string(pid) + ")" : std::string();
  return {errc::locked, "another run holds " + ledger.string() + who + ": wait for it, stop it, or use --lock-wait"};
}

failure cannot_lock(const std::filesystem::path& file, int reason) {
  return {errc::cannot_write, "cannot write " + file.string() + ": " + std::generic_category().message(reason) +
                                  ". The ledger needs a directory that can be written; name one with --ledger."};
}

/// 0, or the errno of the failure; EWOULDBLOCK when another holds it for longer than `wait`.
int lock_within(int fd, duration wait) {
  const auto deadline = std::chrono::steady_clock::now() + std::max<duration>(wait, least_wait);
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    if (std::chrono::steady_clock::now() >= deadline) return EWOULDBLOCK;
    std::this_thread::sleep_for(poll_interval);
  }
  return 0;
}

/// 0, or the errno of the failure.
int write_holder(int fd) {
  if (::fchmod(fd, S_IRUSR | S_IWUSR) != 0) return errno; // whatever the umask took away
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0) return errno;
  const auto written = ::pwrite(fd, text.data(), text.size(), 0);
  if (written < 0) return errno;
  return static_cast<std::size_t>(written) == text.size() ? 0 : ENOSPC;
}

} // namespace

result<file_lock> file_lock::acquire(const std::filesystem::path& ledger, duration wait) {
  const auto path = lock_path(ledger);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return cannot_lock(path, errno);
  file_lock lock(fd);
  if (const int reason = lock_within(fd, wait); reason == EWOULDBLOCK)
    return held_by_another(ledger, fd);
  else if (reason != 0)
    return cannot_lock(path, reason);
  if (const int reason = write_holder(fd); reason != 0) return cannot_lock(path, reason);
  return lock;
}

file_lock::file_lock(file_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

file_lock& file_lock::operator=(file_lock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

file_lock::~file_lock() {
  if (fd_ >= 0) ::close(fd_);
}

bool is_locked(const std::filesystem::path& ledger) {
  const int fd = ::open(lock_path(ledger).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool taken = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return taken;
}

} // namespace mcbatch::ledger
