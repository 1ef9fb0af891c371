#include "cli/listen_options.hpp"

#include "cli/add_option.hpp"
#include "cli/exit_code.hpp"

namespace mcbatch::cli {
namespace {

constexpr api::secret_words webhook_secret{"webhook secret", "--webhook-secret-file"};

} // namespace

void listen_options::add_to(CLI::App& command) {
  auto* listen =
      command
          .add_option(
              "--webhook-listen", webhook_listen,
              "Take the service's events there: over TLS with --cert-file, or plain on a loopback address, behind a "
              "proxy")
          ->type_name("ADDRESS:PORT");
  auto* variable = command
                       .add_option("--webhook-secret-env", webhook_secret_variable,
                                   "The account's webhook secret is in the environment variable VAR; default "
                                   "MEDIACONVERT_WEBHOOK_SECRET")
                       ->type_name("VAR")
                       ->needs(listen);
  command
      .add_option("--webhook-secret-file", webhook_secret_file,
                  "It is the file's first line; nobody else may be able to read it")
      ->excludes(variable)
      ->needs(listen)
      ->type_name("PATH");
  add_duration(command, "--webhook-grace", webhook_grace,
               "How late an event may be before the service is asked about its job")
      ->needs(listen);
  command
      .add_option("--page", page,
                  "Show a live page there, with /metrics beside it; elsewhere than on a loopback address only by a "
                  "secret link, which the log tells")
      ->type_name("ADDRESS:PORT");
  auto* cert =
      command.add_option("--cert-file", certificate, "The certificate of both, with its chain, PEM")->type_name("PATH");
  auto* own_key = command.add_option("--key-file", key, "Its key, PEM")->type_name("PATH");
  cert->needs(own_key);
  own_key->needs(cert);
}

std::optional<web::tls_files> listen_options::tls() const {
  if (!certificate) return std::nullopt;
  return web::tls_files{*certificate, key.value_or("")};
}

std::optional<event_source> listen_options::events(const net::environment& lookup) const {
  if (!webhook_listen) return std::nullopt;
  const auto at = parse_listen_address(*webhook_listen, "--webhook-listen");
  if (!at.is_loopback && !certificate)
    throw exit_with{exit_code::bad_setting, "--webhook-listen " + *webhook_listen +
                                                " is open to other machines and needs TLS: give --cert-file and "
                                                "--key-file, or listen on a loopback address behind a proxy that has "
                                                "them"};
  const auto secret = webhook_secret_file
                          ? api::token_from_file(*webhook_secret_file, webhook_secret)
                          : api::token_from_env(webhook_secret_variable.value_or("MEDIACONVERT_WEBHOOK_SECRET"), lookup,
                                                webhook_secret);
  return event_source{at, tls(), value_or_exit(secret), {}};
}

std::optional<page_place> listen_options::page_at() const {
  if (!page) return std::nullopt;
  return page_place{parse_listen_address(*page, "--page"), tls()};
}

} // namespace mcbatch::cli
