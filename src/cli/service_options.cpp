#include "cli/service_options.hpp"

#include "cli/add_option.hpp"

#include <mcbatch/submit/account_name.hpp>

namespace mcbatch::cli {
namespace {

constexpr auto default_base_url = "https://mediaconvert.io/api/v1";

std::string variable_of(const std::string& environment_name) {
  if (environment_name == "dev") return "MEDIACONVERT_DEV_TOKEN";
  if (environment_name == "staging") return "MEDIACONVERT_STAGING_TOKEN";
  return "MEDIACONVERT_PROD_TOKEN";
}

submit::token_source unchanging(const api::token& token) {
  return {token, [token] { return result<api::token>(token); }};
}

/// Where the account's state is kept: by the XDG Base Directory Specification.
result<std::filesystem::path> state_folder(const net::environment& lookup) {
  if (const auto state = lookup("XDG_STATE_HOME"); state && state->starts_with('/'))
    return std::filesystem::path(*state) / "mcbatch";
  if (const auto home = lookup("HOME"); home && home->starts_with('/'))
    return std::filesystem::path(*home) / ".local/state/mcbatch";
  return failure{
      errc::bad_setting,
      "There is no place to remember what was spent of the quota: set XDG_STATE_HOME or HOME to an absolute path"};
}

} // namespace

std::filesystem::path service_setup::state_file(const api::token& t) const {
  return state_folder / (submit::account_name(url, t) + ".quota");
}

void service_options::add_to(CLI::App& command) {
  command
      .add_option("--base-url", base_url,
                  "The service; default MEDIACONVERT_BASE_URL, else " + std::string(default_base_url))
      ->type_name("URL");
  auto* name = command
                   .add_option("--env", environment_name,
                               "The token is in MEDIACONVERT_DEV_TOKEN, ..._STAGING_TOKEN or ..._PROD_TOKEN")
                   ->check(CLI::IsMember({"dev", "staging", "prod"}).description(""))
                   ->type_name("dev|staging|prod");
  auto* variable = command
                       .add_option("--token-env", token_variable,
                                   "The token is in the environment variable VAR; default MEDIACONVERT_API_TOKEN")
                       ->type_name("VAR");
  auto* file = command
                   .add_option("--token-file", token_file,
                               "The token is the file's first line; nobody else may be able to read it")
                   ->type_name("PATH");
  name->excludes(variable)->excludes(file);
  variable->excludes(file);
  command.add_option("--ca-file", ca_file, "More trust anchors, PEM")->type_name("PATH");
  add_duration(command, "--timeout", timeout, "One exchange, from connecting to the last byte");
}

result<submit::token_source> service_options::find_token(const net::environment& lookup) const {
  if (token_file) {
    auto token = api::token_from_file(*token_file);
    if (!token) return token.error();
    // A pipe or a terminal gives what it holds once, and would be waited for.
    std::error_code not_there;
    if (!std::filesystem::is_regular_file(*token_file, not_there)) return unchanging(*token);
    return submit::token_source(std::move(*token), [path = *token_file] { return api::token_from_file(path); });
  }
  const auto variable = token_variable     ? *token_variable
                        : environment_name ? variable_of(*environment_name)
                                           : std::string("MEDIACONVERT_API_TOKEN");
  auto token = api::token_from_env(variable, lookup);
  if (!token) return token.error();
  return unchanging(*token);
}

result<service_setup> service_options::set_up(const net::environment& lookup) const {
  if (timeout <= duration::zero())
    return failure{errc::bad_setting, "--timeout 0s leaves no time for an answer: give it a longer one"};
  const auto url =
      api::base_url::parse(base_url ? *base_url : lookup("MEDIACONVERT_BASE_URL").value_or(default_base_url));
  if (!url) return url.error();
  auto token = find_token(lookup);
  if (!token) return token.error();
  auto tls = net::tls_context::create(ca_file);
  if (!tls) return tls.error();
  auto proxy = net::proxy_for(url->peer, lookup);
  if (!proxy) return proxy.error();
  const auto folder = state_folder(lookup);
  if (!folder) return folder.error();

  net::pool_options pool;
  pool.peer = url->peer;
  pool.proxy = std::move(*proxy);
  pool.timeout = timeout;
  return service_setup{*url, std::move(*token), std::move(*tls), std::move(pool), *folder};
}

} // namespace mcbatch::cli
