#include "sandbox/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace mcbatch::sandbox {

namespace {

failure cannot_write(const std::filesystem::path& path, std::string_view doing, int error) {
  return {errc::cannot_write, fmt::format("The journal {} cannot be {}: {}. Free some space or name another file.",
                                          path.string(), doing, std::generic_category().message(error))};
}

} // namespace

result<journal> journal::open(std::optional<std::filesystem::path> path) {
  journal j;
  if (!path) return j;
  j.path_ = std::move(*path);
  j.file_ = ::open(j.path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (j.file_ < 0) return cannot_write(j.path_, "opened", errno);
  const auto end = ::lseek(j.file_, 0, SEEK_END);
  j.start_ = end < 0 ? 0 : end; // a pipe has no position, and nothing before its beginning
  return j;
}

journal::journal(journal&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)), start_(other.start_),
      kept_(std::move(other.kept_)) {}

journal::~journal() {
  if (file_ >= 0) ::close(file_);
}

std::optional<failure> journal::append(std::string line) {
  if (file_ < 0) {
    kept_.push_back(std::move(line));
    return std::nullopt;
  }
  line += '\n';
  const auto written = ::write(file_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return std::nullopt;
  return cannot_write(path_, "written", written < 0 ? errno : ENOSPC);
}

std::vector<std::string> journal::lines() const {
  if (file_ < 0) return kept_;
  std::vector<std::string> lines;
  std::ifstream in(path_);
  in.seekg(start_);
  for (std::string line; std::getline(in, line);)
    lines.push_back(std::move(line));
  return lines;
}

} // namespace mcbatch::sandbox
