#ifndef MCBATCH_CLI_SERVICE_OPTIONS_HPP
#define MCBATCH_CLI_SERVICE_OPTIONS_HPP

#include "cli/cli11.hpp"

#include <mcbatch/api/base_url.hpp>
#include <mcbatch/api/token.hpp>
#include <mcbatch/net/environment.hpp>
#include <mcbatch/net/pool.hpp>
#include <mcbatch/net/tls_context.hpp>
#include <mcbatch/submit/token_source.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace mcbatch::cli {

/// What is needed to talk to the service.
struct service_setup {
  api::base_url url;
  submit::token_source token;
  net::tls_context tls;
  net::pool_options pool;
  std::filesystem::path state_folder;

  /// Of the account's quota, by the name that a token gives it.
  [[nodiscard]] std::filesystem::path state_file(const api::token& t) const;
};

/// The options of every command that talks to the service.
struct service_options {
  std::optional<std::string> base_url;
  std::optional<std::string> environment_name;
  std::optional<std::string> token_variable;
  std::optional<std::string> token_file;
  std::optional<std::string> ca_file;
  duration timeout = std::chrono::seconds(30);

  void add_to(CLI::App& command);

  /// Reads the token, the trust anchors and the environment. Errors: bad_setting, usage.
  [[nodiscard]] result<service_setup> set_up(const net::environment& lookup) const;

private:
  [[nodiscard]] result<submit::token_source> find_token(const net::environment& lookup) const;
};

} // namespace mcbatch::cli

#endif
