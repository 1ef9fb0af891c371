#include "sync.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace mcbatch::ledger {
namespace {

int sync(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return errno;
  const int reason = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return reason;
}

} // namespace

int sync_content(const std::filesystem::path& file) {
  return sync(file, O_RDONLY);
}

int sync_name(const std::filesystem::path& file) {
  return sync(std::filesystem::absolute(file).parent_path(), O_RDONLY | O_DIRECTORY);
}

} // namespace mcbatch::ledger
