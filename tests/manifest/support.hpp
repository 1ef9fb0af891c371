#ifndef MCBATCH_TESTS_MANIFEST_SUPPORT_HPP
#define MCBATCH_TESTS_MANIFEST_SUPPORT_HPP

#include <mcbatch/manifest/reader.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::manifest::test {

/// A file in a folder of its own, gone at the end.
class temporary_file {
public:
  explicit temporary_file(std::string_view content);
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file();

  [[nodiscard]] std::string path() const { return path_; }

private:
  std::filesystem::path folder_;
  std::string path_;
};

/// All that a reader said of a manifest.
struct reading {
  std::vector<item> items;
  std::optional<failure> broken; ///< how opening or reading failed

  [[nodiscard]] const entry& good(std::size_t i) const;
  [[nodiscard]] const bad_entry& bad(std::size_t i) const;
  /// The items in short: "1 ok | 2 bad input_url,job_type | broken", a line and what became of it.
  [[nodiscard]] std::string outline() const;
};

reading read_all(std::string_view content, const options& opts = {}, limits lim = {});

/// The only entry of a manifest in JSON Lines.
entry read_one(const std::string& json, const options& opts = {});

/// A valid entry as JSON; `more` stands before its end, and begins with a comma.
std::string job(std::string_view more = "");

std::string gzipped(std::string_view text);
std::string zstd_packed(std::string_view text);

} // namespace mcbatch::manifest::test

#endif
