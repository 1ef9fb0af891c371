#include "manifest/byte_source.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::manifest {
namespace {

class file final : public byte_source {
public:
  file(int fd, std::function<bool()> while_waiting) : fd_(fd), while_waiting_(std::move(while_waiting)) {}
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }

  result<std::size_t> read(std::span<char> into) override {
    for (;;) {
      if (!wait()) return given_up();
      const auto n = ::read(fd_, into.data(), into.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EINTR) continue;
      return failure{errc::unusable_input, "reading failed: " + std::generic_category().message(errno)};
    }
  }

private:
  /// Waits until there is something to read, or its end. Returns false to give up.
  bool wait() {
    constexpr int between_questions = 100; // ms
    if (!while_waiting_) return true;
    pollfd readable{fd_, POLLIN, 0};
    for (int patience = 0; ::poll(&readable, 1, patience) == 0; patience = between_questions)
      if (!while_waiting_()) return false;
    return true;
  }

  int fd_;
  std::function<bool()> while_waiting_;
};

failure cannot_open(const std::string& path, int error) {
  return {errc::cannot_open, "cannot open manifest " + path + ": " + std::generic_category().message(error)};
}

} // namespace

result<std::unique_ptr<byte_source>> open_file(const std::string& path, std::function<bool()> while_waiting) {
  if (path == "-") return std::make_unique<file>(STDIN_FILENO, std::move(while_waiting));
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return cannot_open(path, errno);
  auto opened = std::make_unique<file>(fd, std::move(while_waiting));
  struct stat status {};
  if (::fstat(fd, &status) != 0) return cannot_open(path, errno);
  if (S_ISDIR(status.st_mode)) return cannot_open(path, EISDIR);
  return opened;
}

} // namespace mcbatch::manifest
