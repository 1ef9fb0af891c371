#include <mcbatch/ledger/lock.hpp>

#include "header.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace mcbatch::ledger {
namespace {

constexpr std::chrono::milliseconds poll_interval{20};

/// Whoever only asks whether the ledger is locked holds it for an instant, so a first refusal is not believed.
constexpr std::chrono::milliseconds least_wait{60};

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

/// Calls `take`, which fails with `taken` while another holds what it wants, for so long. 0, or the errno of the
/// failure.
template <class Take>
int take_within(duration wait, int taken, Take take) {
  const auto deadline = std::chrono::steady_clock::now() + std::max<duration>(wait, least_wait);
  while (take() != 0) {
    if (errno != taken && errno != EINTR) return errno;
    if (std::chrono::steady_clock::now() >= deadline) return taken;
    std::this_thread::sleep_for(poll_interval);
  }
  return 0;
}

/// A name for the ledger `id` in the abstract namespace (unix(7)): no file, and gone with its process.
std::pair<sockaddr_un, socklen_t> name_of(std::string_view id) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const auto text = "mcbatch.ledger." + std::string(id);
  const auto size = std::min(text.size(), sizeof name.sun_path - 1);
  std::copy_n(text.begin(), size, name.sun_path + 1);
  return {name, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + size)};
}

/// 0, or the errno of the failure.
int write_holder(int fd) {
  // Whatever the umask took away. Another user's file is for that user to protect.
  if (::fchmod(fd, S_IRUSR | S_IWUSR) != 0 && errno != EPERM) return errno;
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0) return errno;
  const auto written = ::pwrite(fd, text.data(), text.size(), 0);
  if (written < 0) return errno;
  return static_cast<std::size_t>(written) == text.size() ? 0 : ENOSPC;
}

} // namespace

result<file_lock> file_lock::acquire(const std::filesystem::path& ledger, duration wait) {
  const auto path = beside(ledger, ".lock");
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return cannot_lock(path, errno);
  file_lock lock(fd);
  const auto take = [fd] { return ::flock(fd, LOCK_EX | LOCK_NB); };
  if (const int reason = take_within(wait, EWOULDBLOCK, take); reason == EWOULDBLOCK)
    return held_by_another(ledger, fd);
  else if (reason != 0)
    return cannot_lock(path, reason);
  if (const int reason = write_holder(fd); reason != 0) return cannot_lock(path, reason);
  return lock;
}

result<file_lock> file_lock::acquire_id(const std::filesystem::path& ledger, std::string_view id, duration wait) {
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 && (errno == EAFNOSUPPORT || errno == EACCES || errno == EPERM)) return file_lock(-1);
  if (fd < 0) return cannot_lock(ledger, errno);
  file_lock lock(fd);
  const auto [name, size] = name_of(id);
  const auto take = [fd, &name = name, size = size] {
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&name), size);
  };
  const int reason = take_within(wait, EADDRINUSE, take);
  if (reason == EADDRINUSE)
    return failure{errc::locked, "another run holds a copy of the ledger " + ledger.string() +
                                     ", and both would send the jobs that are pending: stop it, and go on with one of "
                                     "the two only"};
  if (reason != 0) return cannot_lock(ledger, reason);
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
  const int fd = ::open(beside(ledger, ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool taken = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return taken;
}

} // namespace mcbatch::ledger
