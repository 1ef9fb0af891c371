#ifndef MCBATCH_CLI_LISTEN_OPTIONS_HPP
#define MCBATCH_CLI_LISTEN_OPTIONS_HPP

#include "cli/cli11.hpp"
#include "cli/listen_address.hpp"

#include <mcbatch/api/token.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/net/environment.hpp>
#include <mcbatch/web/server.hpp>

#include <optional>
#include <string>

namespace mcbatch::cli {

/// How the service's events are had.
struct event_source {
  listen_address at;
  std::optional<web::tls_files> tls;
  api::token secret;          ///< that the events are signed with
  std::string address_secret; ///< the ledger's, that their addresses are tagged by: known once that is open
};

/// Where the page is shown.
struct page_place {
  listen_address at;
  std::optional<web::tls_files> tls;
};

/// Whom a run listens to.
struct listening {
  std::optional<event_source> events;
  std::optional<page_place> page;
};

/// The options of commands that others can connect to: the service with its events, people with their browsers.
struct listen_options {
  std::optional<std::string> webhook_listen;
  std::optional<std::string> webhook_secret_variable;
  std::optional<std::string> webhook_secret_file;
  duration webhook_grace = std::chrono::minutes(1);
  std::optional<std::string> page;
  std::optional<std::string> certificate, key;

  void add_to(CLI::App& command);

  // What cannot be done ends the program (exit_with).
  [[nodiscard]] std::optional<event_source> events(const net::environment& lookup) const;
  [[nodiscard]] std::optional<page_place> page_at() const;

private:
  [[nodiscard]] std::optional<web::tls_files> tls() const;
};

} // namespace mcbatch::cli

#endif
