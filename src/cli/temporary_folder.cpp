#include "cli/temporary_folder.hpp"

#include "cli/exit_code.hpp"

#include <cerrno>
#include <cstdlib>

namespace mcbatch::cli {

temporary_folder::temporary_folder() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  std::string pattern = parent / "mcbatch-XXXXXX";
  if (!error && ::mkdtemp(pattern.data()) == nullptr) error = {errno, std::generic_category()};
  if (error)
    throw exit_with{exit_code::cannot_write, "no temporary folder can be made: " + error.message() +
                                                 ". Set TMPDIR to a folder that can be written to"};
  path_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored; // what is left behind is in a temporary folder
  std::filesystem::remove_all(path_, ignored);
}

} // namespace mcbatch::cli
