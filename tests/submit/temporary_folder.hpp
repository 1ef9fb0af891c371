#ifndef MCBATCH_TESTS_SUBMIT_TEMPORARY_FOLDER_HPP
#define MCBATCH_TESTS_SUBMIT_TEMPORARY_FOLDER_HPP

#include <filesystem>
#include <stdexcept>
#include <string>

#include <stdlib.h>

namespace mcbatch::submit::test {

/// A folder that goes when the test does.
class temporary_folder {
public:
  temporary_folder() {
    auto name = (std::filesystem::temp_directory_path() / "mcbatch-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored; // another test's folder is another one
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace mcbatch::submit::test

#endif
