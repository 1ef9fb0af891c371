#include "cli/bench_run.hpp"

#include "cli/bench_load.hpp"
#include "cli/open_files.hpp"
#include "cli/own_sandbox.hpp"
#include "cli/plot.hpp"
#include "cli/real_service.hpp"
#include "cli/stop_sentence.hpp"
#include "cli/stop_signals.hpp"
#include "cli/temporary_folder.hpp"

#include <mcbatch/report/bench_plot.hpp>
#include <mcbatch/report/bench_summary.hpp>
#include <mcbatch/report/text.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace mcbatch::cli {
namespace {

using submit::stop_reason;

constexpr duration usual_time = std::chrono::seconds(10);

std::optional<report::plot_format> plot_format_of(const bench_options& o) {
  if (!o.plot) return std::nullopt;
  if (o.plot->ends_with(".svg")) return report::plot_format::svg;
  if (o.plot->ends_with(".png")) return report::plot_format::png;
  throw exit_with{exit_code::usage, "--plot " + *o.plot + ": name a file that ends in .svg or .png"};
}

/// Of the service itself a benchmark would spend the account's quota and credit.
void refuse_real_service(const bench_options& o) {
  if (!o.service.base_url) return;
  const auto url = value_or_exit(api::base_url::parse(*o.service.base_url));
  if (!is_real_service(url.peer.host)) return;
  if (!o.real_service)
    throw exit_with{exit_code::usage, url.peer.host + " is the real service: a benchmark would spend the quota and the "
                                                      "credit of your account. Leave out --base-url to measure against "
                                                      "the sandbox, or add --real-service if that is what you want"};
  if (o.no_ledger)
    throw exit_with{exit_code::usage, "--no-ledger keeps no count of what is spent of the account's quota, so that it "
                                      "cannot be used with --real-service: leave one of them out"};
}

void refuse_standard_input(const bench_options& o) {
  if (std::ranges::count(o.manifests.paths, "-") > 0)
    throw exit_with{exit_code::usage, "a benchmark reads no standard input, whose pace it would measure: name a file"};
}

void allow_connections(const bench_options& o) {
  const auto wanted = files_of_a_run + o.connections;
  const auto files = allow_open_files(wanted);
  if (files < wanted)
    throw exit_with{exit_code::bad_setting, "this process may have " + std::to_string(files) + " files open, and " +
                                                std::to_string(wanted) +
                                                " are needed for so many connections: raise "
                                                "the limit (ulimit -n), or name fewer with --connections"};
}

/// Where the load goes: a server of the user's, or our own sandbox.
service_setup set_up(const bench_options& o, const std::optional<own_sandbox>& sandbox, const temporary_folder& folder,
                     const net::environment& environment) {
  auto service = o.service;
  if (sandbox) {
    service.base_url = sandbox->base_url();
    service.ca_file = sandbox->ca_file();
  }
  const auto lookup = [&](std::string_view name) -> std::optional<std::string> {
    // The service's quota is counted where every other run counts it.
    if (name == "XDG_STATE_HOME" && !o.real_service) return folder / "state";
    if (!sandbox) return environment(name);
    if (name == "MEDIACONVERT_API_TOKEN") return own_sandbox::token;
    return std::nullopt; // neither a proxy nor whatever else is set for the service
  };
  return value_or_exit(service.set_up(lookup));
}

bench_load load_of(const bench_options& o) {
  bench_load load{o.manifests.paths, o.manifests.reading, o.jobs, o.time, std::nullopt, o.connections};
  if (o.rate) load.pace.emplace(*o.rate);
  if (load.manifests.empty() && !load.jobs && !load.time) load.time = usual_time;
  return load;
}

exit_code judge(const bench_end& end, const report::bench_record& record) {
  const bool ran_its_course =
      end.reason == stop_reason::done || end.reason == stop_reason::max_duration || end.reason == stop_reason::max_jobs;
  if (!ran_its_course) return exit_code_of(end.reason);
  if (end.unread && end.read.read == 0) return exit_code_of(end.unread->code);
  const bool failed = end.unread || record.error_count() + end.read.invalid + end.expired > 0;
  return failed ? exit_code::attention : exit_code::ok;
}

report::bench_summary summarize(const bench_options& o, const bench_end& end, const bench_meter& meter,
                                std::string base_url) {
  report::bench_summary s{.record = meter.record()};
  s.stop_reason = to_string(end.reason);
  s.exit_code = static_cast<int>(judge(end, meter.record()));
  s.problem = end.problem.empty() && end.unread ? end.unread->what : end.problem;
  s.base_url = std::move(base_url);
  s.own_sandbox = !o.service.base_url;
  s.ledger = !o.no_ledger;
  s.connections = o.connections;
  s.rate = o.rate;
  s.read = end.read;
  s.expired = end.expired;
  s.import = end.import;
  s.overdue = end.overdue;
  s.user_time = meter.used().user;
  s.system_time = meter.used().system;
  s.max_rss_bytes = meter.used().max_rss_bytes;
  s.bytes_sent = end.carried.sent;
  s.bytes_received = end.carried.received;
  return s;
}

} // namespace

exit_code run_bench(const bench_options& o, const net::environment& environment) {
  std::signal(SIGPIPE, SIG_IGN); // whoever reads the progress, or the generated manifest, may go first
  const auto format = plot_format_of(o);
  refuse_real_service(o);
  refuse_standard_input(o);
  allow_connections(o);
  console out;
  const auto log = value_or_exit(o.logging.open(out));
  const auto can_plot = format ? find_gnuplot() : result<void>();
  if (!can_plot) log->warn("{}; all else goes on without it", can_plot.error().what);

  const held_stop_signals held;
  const temporary_folder folder;
  std::optional<own_sandbox> sandbox;
  if (!o.service.base_url) sandbox = own_sandbox::start(folder.path());
  auto setup = set_up(o, sandbox, folder, environment);
  const auto base_url = setup.url.text();
  const auto load = load_of(o);
  log->info("measuring against {}{}", base_url, load.time ? " for " + report::for_people(*load.time) : "");
  bench_meter meter;
  const auto end = o.no_ledger ? load_without_ledger(load, std::move(setup), meter, *log)
                               : load_with_ledger(load, std::move(setup), folder / "ledger", meter, *log);
  sandbox.reset();

  const auto summary = summarize(o, end, meter, base_url);
  const auto text = o.as_json ? report::to_json(summary) + "\n" : report::to_text(summary);
  std::fputs(text.c_str(), stdout);
  if (format && can_plot && meter.record().timeline()) {
    const auto drawn = draw(report::plot_script(summary, *format), *o.plot, folder.path());
    if (!drawn) log->error(drawn.error().what); // what was measured is told all the same
  }
  return exit_code{summary.exit_code};
}

} // namespace mcbatch::cli
