#ifndef MCBATCH_CLI_OWN_SANDBOX_HPP
#define MCBATCH_CLI_OWN_SANDBOX_HPP

#include "cli/child.hpp"

#include <filesystem>
#include <string>

namespace mcbatch::cli {

/// `mcbatch sandbox` without limits on a free port of this machine, as a process of its own: what this one uses is then
/// the client's alone. It ends with this.
class own_sandbox {
public:
  static constexpr auto token = "mc_test_sandbox";

  /// Its files go into `folder`. Returns once it accepts connections. Ends the program (exit_with) where it does not.
  static own_sandbox start(const std::filesystem::path& folder);

  own_sandbox(own_sandbox&&) noexcept = default;
  own_sandbox& operator=(own_sandbox&&) noexcept = default;
  ~own_sandbox() = default;

  [[nodiscard]] const std::string& base_url() const { return base_url_; }
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }

private:
  own_sandbox(child process, std::string base_url, std::string ca_file)
      : process_(std::move(process)), base_url_(std::move(base_url)), ca_file_(std::move(ca_file)) {}

  child process_;
  std::string base_url_, ca_file_;
};

} // namespace mcbatch::cli

#endif
