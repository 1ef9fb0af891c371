#include "header.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mcbatch::ledger {
namespace {

// The database header (https://www.sqlite.org/fileformat.html, section 1.3).
constexpr std::string_view magic("SQLite format 3\0", 16);
constexpr std::size_t header_size = 100;
constexpr std::size_t read_version_at = 19;
constexpr std::size_t application_id_at = 68;

failure not_ours(const std::filesystem::path& path, std::string_view why) {
  return {errc::not_a_ledger,
          path.string() + " is no ledger (" + std::string(why) + "): it was left alone. Name another file."};
}

failure unreadable(const std::filesystem::path& path, int reason) {
  return {errc::cannot_open, "cannot open the ledger " + path.string() + ": " +
                                 std::generic_category().message(reason) + ". Check its name and its permissions."};
}

bool carries_our_id(const std::array<char, header_size>& header) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < sizeof id; ++i)
    id = id << 8 | static_cast<unsigned char>(header[application_id_at + i]);
  return id == application_id;
}

} // namespace

result<found> look_at(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT) return found::nothing;
    return unreadable(path, errno);
  }
  std::array<char, header_size> header{};
  const auto size = ::read(fd, header.data(), header.size());
  const int reason = errno;
  ::close(fd);
  if (size < 0 && reason == EISDIR) return not_ours(path, "a directory");
  if (size < 0) return unreadable(path, reason);
  // A new ledger appears whole: what is empty was emptied, and a new one would submit everything again.
  if (size == 0) return not_ours(path, "empty");
  if (size < static_cast<ssize_t>(header.size()) || std::memcmp(header.data(), magic.data(), magic.size()) != 0)
    return not_ours(path, "no SQLite database");
  if (!carries_our_id(header)) return not_ours(path, "another program's database");
  return found::ledger;
}

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

std::filesystem::path beside(const std::filesystem::path& ledger, const char* suffix) {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(ledger, failed);
  return with_suffix(failed ? ledger : real, suffix);
}

result<void> check_size(const std::filesystem::path& path) {
  // A death may leave a page half written: the log or the journal then has the whole one.
  if (holds_something(beside(path, "-wal")) || holds_something(beside(path, "-journal"))) return {};
  constexpr std::size_t page_size_at = 16;
  std::array<unsigned char, 2> bytes{};
  struct stat about {};
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unreadable(path, errno);
  const bool read = ::pread(fd, bytes.data(), bytes.size(), page_size_at) == 2 && ::fstat(fd, &about) == 0;
  ::close(fd);
  auto page_size = bytes[0] << 8 | bytes[1];
  if (page_size == 1) page_size = 65536;
  if (!read || page_size == 0 || about.st_size % page_size == 0) return {}; // SQLite looks further
  return failure{errc::ledger_failed, "the ledger " + path.string() +
                                          " is cut short: its last page is not whole. Restore it from a copy, for a "
                                          "new ledger would submit everything again."};
}

bool in_wal_mode(const std::filesystem::path& path) {
  constexpr char wal = 2;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  char version = 0;
  const auto size = ::pread(fd, &version, 1, read_version_at);
  ::close(fd);
  return size == 1 && version == wal;
}

bool holds_something(const std::filesystem::path& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  return !failed && size != 0;
}

} // namespace mcbatch::ledger
