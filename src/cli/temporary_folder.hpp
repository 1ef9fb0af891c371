#ifndef MCBATCH_CLI_TEMPORARY_FOLDER_HPP
#define MCBATCH_CLI_TEMPORARY_FOLDER_HPP

#include <filesystem>
#include <string>

namespace mcbatch::cli {

/// A folder of ours alone under TMPDIR, else /tmp, that is gone with this.
class temporary_folder {
public:
  /// Ends the program (exit_with) where none can be made.
  temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace mcbatch::cli

#endif
