#include "manifest/byte_source.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::manifest {
namespace {

class file final : public byte_source {
public:
  explicit file(int fd) : fd_(fd) {}
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }

  result<std::size_t> read(std::span<char> into) override {
    for (;;) {
      const auto n = ::read(fd_, into.data(), into.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EINTR) continue;
      return failure{errc::unusable_input, "reading failed: " + std::generic_category().message(errno)};
    }
  }

private:
  int fd_;
};

failure cannot_open(const std::string& path, int error) {
  return {errc::cannot_open, "cannot open manifest " + path + ": " + std::generic_category().message(error)};
}

} // namespace

result<std::unique_ptr<byte_source>> open_file(const std::string& path) {
  if (path == "-") return std::make_unique<file>(STDIN_FILENO);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return cannot_open(path, errno);
  auto opened = std::make_unique<file>(fd);
  struct stat status {};
  if (::fstat(fd, &status) != 0) return cannot_open(path, errno);
  if (S_ISDIR(status.st_mode)) return cannot_open(path, EISDIR);
  return opened;
}

} // namespace mcbatch::manifest
