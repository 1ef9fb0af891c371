#include "cli/add_option.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"

#include <mcbatch/core/text.hpp>
#include <mcbatch/net/origin.hpp>
#include <mcbatch/sandbox/server.hpp>

#include <fmt/format.h>

#include <cstdio>

#include <signal.h>
#include <time.h>

namespace mcbatch::cli {
namespace {

struct sandbox_options {
  std::string listen = "127.0.0.1:8443";
  std::string tls_dir = "mcbatch-sandbox";
  sandbox::service_options service;
  quota_options quota;
  std::optional<std::string> journal;
};

sandbox::service_options service_of(const sandbox_options& o) {
  auto options = o.service;
  const auto tier = o.quota.tier.value_or(quota::tier::free);
  options.tier = to_string(tier);
  for (const auto& l : o.quota.limits.empty() ? quota::limits_of(tier) : o.quota.limits)
    options.limits.push_back({l.requests, l.window});
  return options;
}

std::int64_t micros_of(const std::string& text) {
  const auto micros = parse_euros(text);
  if (!micros)
    throw CLI::ValidationError("'" + text + "' is no sum in euros from 0 to 1000000000, with at most six decimals");
  return *micros;
}

/// What came of the webhook events, as a line; empty where there were none.
std::string told(const sandbox::webhook_counts& events) {
  if (events.sent + events.waiting == 0) return {};
  auto text =
      fmt::format("sent {} webhook events: {} delivered, {} refused", events.sent, events.answered, events.refused);
  if (events.forged > 0) text += fmt::format(" ({} were sent with a wrong signature)", events.forged);
  if (events.failed > 0) text += fmt::format(", {} not answered (the last: {})", events.failed, events.last_failure);
  const auto left = events.waiting + events.sent - events.answered - events.refused - events.failed;
  if (left > 0) text += fmt::format("; {} were still to come", left);
  return text + "\n";
}

/// Blocks the signals that end the sandbox, in this thread and those it starts, so that they can be waited for.
sigset_t block_end_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void run_sandbox(const sandbox_options& o) {
  const auto where = net::parse_origin(o.listen, "8443");
  // The sandbox may take any free port; the address of a peer never has port 0.
  const auto colon = o.listen.rfind(':');
  const bool any_port = colon != std::string::npos && o.listen.substr(colon + 1) == "0";
  const auto host = any_port ? net::parse_origin(o.listen.substr(0, colon), "8443") : where;
  if (!host)
    throw exit_with{exit_code::usage, "'" + o.listen + "' is no address to listen on: write it like 127.0.0.1:8443"};

  auto service = value_or_exit(sandbox::service::make(service_of(o)));
  sandbox::server_options options;
  options.address = host->host;
  options.port = any_port ? 0 : *parse_integer<unsigned short>(host->port);
  options.tls = value_or_exit(sandbox::make_or_load_identity(o.tls_dir));
  if (o.journal) options.journal = *o.journal;
  const auto signals = block_end_signals();
  const auto server = value_or_exit(sandbox::server::start(std::move(service), std::move(options)));
  std::printf("listening on %s\n", server->base_url().c_str());
  std::fflush(stdout);

  const timespec now_and_then{1, 0};
  while (::sigtimedwait(&signals, nullptr, &now_and_then) < 0)
    if (const auto problem = server->problem()) throw exit_with{exit_code::cannot_write, problem->what};
  server->stop();
  std::fprintf(stderr, "accepted %llu jobs, answered %llu requests with 429 for the limits\n",
               static_cast<unsigned long long>(server->accepted()), static_cast<unsigned long long>(server->refused()));
  std::fputs(told(server->webhooks()).c_str(), stderr);
}

} // namespace

void add_sandbox(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("sandbox", "A local double of the service, over HTTPS");
  auto o = std::make_shared<sandbox_options>();
  o->service.token = "mc_test_sandbox";
  o->service.credit_micros = 100'000'000;
  command->add_option("--listen", o->listen, "Where to listen; port 0 picks one")
      ->capture_default_str()
      ->type_name("ADDRESS:PORT");
  command->add_option("--tls-dir", o->tls_dir, "Where its CA (ca.pem) and certificate are kept")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--token", o->service.token, "The token that is good here")->capture_default_str();
  o->quota.add_to(*command);
  add_choice<sandbox::window_kind>(*command, "--window", o->service.window,
                                   {{"fixed", sandbox::window_kind::fixed},
                                    {"sliding", sandbox::window_kind::sliding},
                                    {"bucket", sandbox::window_kind::bucket}},
                                   "How it counts")
      ->default_str("fixed");
  using sandbox::header_kind;
  add_choice<header_kind>(*command, "--headers", o->service.headers,
                          {{"hour", header_kind::hour},
                           {"minute", header_kind::minute},
                           {"none", header_kind::none},
                           {"millis", header_kind::millis},
                           {"relative", header_kind::relative},
                           {"past", header_kind::past},
                           {"garbage", header_kind::garbage},
                           {"shuffled", header_kind::shuffled}},
                          "Which window its X-RateLimit headers describe, and how well")
      ->default_str("hour");
  using sandbox::list_kind;
  add_choice<list_kind>(*command, "--list", o->service.list,
                        {{"plain", list_kind::plain},
                         {"urls", list_kind::urls},
                         {"stripped", list_kind::stripped},
                         {"array", list_kind::array},
                         {"paged", list_kind::paged}},
                        "What its list of recent jobs shows: plain no URLs, the others output URLs, stripped without "
                        "their queries")
      ->default_str("plain");
  command
      ->add_option(
          "--faults", o->service.faults,
          "What goes wrong: WHAT@N, WHAT@N-M, WHAT@N- (the Nth create; with all/ before it: the Nth request) "
          "or WHAT:P (with probability P), with commas between; WHAT is an HTTP status, in place of processing, "
          "or a name from below; "
          "retry-after alone puts Retry-After on every 429")
      ->type_name("SPEC");
  command
      ->add_option("--conversions", o->service.conversions,
                   "How conversions go: time=DURATION (half of the videos take no longer; audio a tenth of it, images "
                   "a hundredth), failed=P, cancelled=P, with commas between; without it they stay pending")
      ->type_name("SPEC");
  command
      ->add_option("--webhooks", o->service.webhooks,
                   "How webhook events go wrong: parts from below, with commas between. Where conversions go on, the "
                   "events of a job go to its webhook_url, http or https (its certificate is not verified), in 32 "
                   "deliveries at once: those that leave at almost the same time may overtake one another")
      ->type_name("SPEC");
  command->add_option("--webhook-secret", o->service.webhook_secret, "Signs webhook events (X-MediaConvert-Signature)")
      ->capture_default_str()
      ->type_name("SECRET");
  command
      ->add_option_function<std::string>(
          "--credit",
          [o](const std::string& text) {
            o->service.credit_micros = micros_of(text);
            o->service.spend_credit = true;
          },
          "The account's credit: each accepted job lowers it by its estimated cost, and when none is left creates are "
          "answered 402; without this option it stays at 100")
      ->type_name("EUR");
  add_duration(*command, "--latency", o->service.latency, "Before each answer");
  command->add_option("--seed", o->service.seed, "Of its ids, faults, conversions and webhooks")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--journal", o->journal, "A JSON line for each job accepted, written before its answer leaves")
      ->type_name("FILE");
  command->footer(
      "Faults:\n" + sandbox::fault_help() + "\nWebhooks:\n" + sandbox::webhook_help() +
      "\nExamples:\n"
      "  mcbatch sandbox --tier pro\n"
      "  mcbatch sandbox --listen 127.0.0.1:0 --limit 2000/1s --journal accepted.jsonl --faults 503:0.01,lost@100\n"
      "  mcbatch sandbox --tier enterprise --conversions time=1m,failed=0.05\n"
      "  mcbatch sandbox --tier pro --conversions time=5s --webhooks late=2s,twice=0.1,lost=0.01,retries=3\n"
      "Then, in another terminal:\n"
      "  MEDIACONVERT_API_TOKEN=mc_test_sandbox mcbatch submit catalog.jsonl --base-url https://127.0.0.1:8443/api/v1 "
      "--ca-file mcbatch-sandbox/ca.pem\n"
      "or, to see the events of one job, with `nc -lk 127.0.0.1 9000` in a third (it never answers, so that each fails "
      "after 5 s):\n"
      "  curl --cacert mcbatch-sandbox/ca.pem https://127.0.0.1:8443/api/v1/conversion_jobs "
      "-H 'Authorization: Bearer mc_test_sandbox' "
      "-d '{\"job_type\":\"image\",\"input_url\":\"https://in.example/a\",\"output_url\":\"https://out.example/a\","
      "\"input_format\":\"png\",\"output_format\":\"webp\",\"webhook_url\":\"http://127.0.0.1:9000/events?of=a\"}'");
  command->callback([o, &p] {
    run_sandbox(*o);
    p.ended_with = exit_code::ok;
  });
}

} // namespace mcbatch::cli
