#include "cli/command.hpp"
#include "cli/log.hpp"
#include "cli/options.hpp"
#include "cli/service_options.hpp"
#include "cli/stop_sentence.hpp"

#include <mcbatch/api/account_info.hpp>
#include <mcbatch/api/client.hpp>
#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/account.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <random>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;
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
  std::vector<quota::limit> limits; ///< as mcbatch would keep them
};

/// Asks the service, each request under the same quota as submission.
class account_query {
public:
  account_query(const account_options& o, service_setup setup, spdlog::logger& log)
      : log_(log), setup_(std::move(setup)), pool_(io_.get_executor(), setup_.tls, setup_.pool),
        client_(setup_.url,
                [this](request r, net::before_send ready) { return pool_.exchange(std::move(r), std::move(ready)); }),
        account_(value_or_exit(submit::account::open(setup_.state_file(setup_.token.current()), governor_settings(o),
                                                     random_source(std::random_device{}()), submit::read_clocks()))) {}

  findings run() {
    const auto me = ask(&api::client::me);
    const auto account = ask(&api::client::account);
    const auto& token = setup_.token.current();
    return {api::merge(api::parse_account(account.body, token), api::parse_account(me.body, token)),
            quota::parse_rate_headers(account.fields, submit::read_clocks().wall), account_.governor().limits()};
  }

private:
  using call = asio::awaitable<api::attempt> (api::client::*)(api::token);

  static quota::governor_settings governor_settings(const account_options& o) {
    quota::governor_settings settings;
    settings.ceiling = o.quota.tier;
    settings.limits = o.quota.limits;
    settings.timeout = o.service.timeout;
    return settings;
  }

  /// The call's answer, if it is a good one; else the program ends with what it means.
  reply ask(call which) {
    quota::request_id id;
    const auto now = submit::read_clocks();
    if (const auto admission = account_.try_leave(now, id); !admission.go) {
      const auto wait = admission.until ? *admission.until - now.mono : duration(std::chrono::seconds(1));
      throw exit_with{exit_code::stopped_early, "the account's quota is used up for another " +
                                                    report::for_people(wait) +
                                                    ", by what mcbatch has spent of it: ask again then, or name a "
                                                    "higher tier with --tier if the account has one"};
    }
    auto answered = asio::co_spawn(io_, (client_.*which)(setup_.token.current()), asio::use_future);
    io_.restart();
    io_.run();
    auto attempt = answered.get();
    settle(id, attempt);
    if (attempt.result.what != meaning::accepted) throw refusal(attempt.result);
    return std::move(*attempt.answer);
  }

  void settle(quota::request_id id, const api::attempt& attempt) {
    const auto now = submit::read_clocks();
    if (attempt.answer)
      account_.answered(id, *attempt.answer, now);
    else if (attempt.result.what == meaning::lost)
      account_.gave_up(id, now);
    else
      account_.unsent(id, now);
    log_.debug("the service answered {}", attempt.result.http_status);
    if (const auto problem = account_.take_problem()) log_.warn(problem->what);
  }

  static exit_with refusal(const outcome& o) {
    const auto words = words_of(o);
    switch (o.what) {
    case meaning::unauthorized:
      return {exit_code::refused, "the service refused the token" + words + "; get a good one"};
    case meaning::forbidden:
      return {exit_code::refused, "the token may not ask for the account" + words};
    case meaning::payment_required:
      return {exit_code::refused, "the account has no credit" + words};
    case meaning::rate_limited:
      return {exit_code::stopped_early, "the account's quota is used up" + words + "; ask again later"};
    default:
      return {exit_code::unavailable, "the service could not be asked" + words};
    }
  }

  spdlog::logger& log_;
  asio::io_context io_{1};
  service_setup setup_;
  net::pool pool_;
  api::client client_;
  submit::account account_;
};

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
    const auto found = account_query(*o, value_or_exit(o->service.set_up(p.environment)), *log).run();
    fmt::print("{}", o->as_json ? to_json(found) + "\n" : to_text(found));
    p.ended_with = exit_code::ok;
  });
}

} // namespace mcbatch::cli
