#include "cli/command.hpp"
#include "cli/log.hpp"
#include "cli/options.hpp"
#include "cli/service_options.hpp"
#include "cli/service_reader.hpp"

#include <mcbatch/api/account_info.hpp>
#include <mcbatch/api/client.hpp>
#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mcbatch::cli {
namespace {

using json = nlohmann::ordered_json;

struct account_options {
  service_options service;
  quota_options quota;
  log_options logging;
  bool as_json = false;
};

/// What the service said of the account.
struct findings {
  api::account_info info;
  quota::rate_info rate;
};

findings look_up(const account_options& o, service_setup setup, spdlog::logger& log) {
  service_reader service(std::move(setup), o.quota, service_reader::patience::none, log);
  const auto me =
      service.ask([](api::client& client, api::token token) { return client.me(std::move(token)); }, "the account");
  const auto account = service.ask(&api::client::account, "the account");
  return {api::merge(api::parse_account(account.body, service.token()), api::parse_account(me.body, service.token())),
          quota::parse_rate_headers(account.fields, submit::read_clocks().wall)};
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

std::string to_json(const findings& f) {
  json out;
  out["token"] = "good";
  out["id"] = or_null(f.info.id);
  out["name"] = or_null(f.info.name);
  out["email"] = or_null(f.info.email);
  out["tier"] = or_null(f.info.tier);
  out["credit_micros"] = or_null(f.info.credit_micros);
  out["rate"] = {{"limit", or_null(f.rate.limit)}, {"remaining", or_null(f.rate.remaining)}};
  out["rate"]["reset_s"] = f.rate.reset_in ? json(*f.rate.reset_in / std::chrono::seconds(1)) : json();
  return printable_json(out.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string to_text(const findings& f) {
  std::string text = "The token is good.\n";
  const auto add = [&text](std::string_view name, const std::optional<std::string>& value) {
    if (value) text += fmt::format("  {:<10}{}\n", name, *value);
  };
  add("account", f.info.id);
  add("name", f.info.name);
  add("email", f.info.email);
  add("tier", f.info.tier);
  if (f.info.credit_micros) text += fmt::format("  {:<10}{}\n", "credit", report::euros(*f.info.credit_micros));
  if (f.rate.remaining && f.rate.limit)
    text += fmt::format("  {:<10}{} of {} requests left{}\n", "quota", *f.rate.remaining, *f.rate.limit,
                        f.rate.reset_in ? " for " + report::for_people(*f.rate.reset_in) : "");
  return text;
}

} // namespace

void add_account(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("account", "Is the token good, which tier, how much is left");
  auto o = std::make_shared<account_options>();
  o->service.add_to(*command);
  o->quota.add_to(*command);
  o->logging.add_to(*command);
  command->add_flag("--json", o->as_json, "Print one JSON object");
  command->footer("Examples:\n"
                  "  mcbatch account\n"
                  "  mcbatch account --env staging --json | jq .credit_micros\n"
                  "It spends two requests of the account's quota.");
  command->callback([o, &p] {
    console out;
    const auto log = value_or_exit(o->logging.open(out));
    const auto found = look_up(*o, value_or_exit(o->service.set_up(p.environment)), *log);
    fmt::print("{}", o->as_json ? to_json(found) + "\n" : to_text(found));
    p.ended_with = exit_code::ok;
  });
}

} // namespace mcbatch::cli
