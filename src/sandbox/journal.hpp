#ifndef MCBATCH_SANDBOX_JOURNAL_HPP
#define MCBATCH_SANDBOX_JOURNAL_HPP

#include <mcbatch/core/error.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::sandbox {

/// The record of accepted jobs, one line each: in a file, or in memory where there is none, since a long run's lines
/// are too many to keep twice. For one thread at a time.
class journal {
public:
  /// Opens `path` for appending; makes it with mode 0600. Fails with errc::cannot_write.
  static result<journal> open(std::optional<std::filesystem::path> path);

  journal(journal&& other) noexcept;
  journal& operator=(journal&&) = delete;
  ~journal();

  /// Appends `line` and a line break with one write(2), so that no reader sees part of a line. Says what went wrong.
  std::optional<failure> append(std::string line);

  /// The lines appended since it was opened.
  [[nodiscard]] std::vector<std::string> lines() const;

private:
  journal() = default;

  std::filesystem::path path_;
  int file_ = -1;
  std::streamoff start_ = 0; // where this run's lines begin in the file
  std::vector<std::string> kept_;
};

} // namespace mcbatch::sandbox

#endif
