#include "cli/track_run.hpp"

#include "cli/conversion_follower.hpp"
#include "cli/live_page.hpp"
#include "cli/metrics_file.hpp"
#include "cli/open_files.hpp"
#include "cli/own_files.hpp"
#include "cli/run_reporter.hpp"
#include "cli/stop_sentence.hpp"
#include "cli/track_reporter.hpp"

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/report/costs.hpp>
#include <mcbatch/report/metrics.hpp>
#include <mcbatch/report/picture.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/report/wait_notes.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <random>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;
using json = nlohmann::ordered_json;
using namespace std::chrono_literals;
using submit::stop_reason;

constexpr duration redraw_period = 250ms;

quota::governor_settings quota_settings(const track_options& o) {
  quota::governor_settings settings;
  settings.ceiling = o.quota.tier;
  settings.limits = o.quota.limits;
  settings.share_percent = o.share_percent;
  settings.timeout = o.service.timeout;
  settings.max_backoff = o.max_backoff;
  return settings;
}

std::string one_line(const json& object) {
  return printable_json(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

/// One `mcbatch track`, from the opened ledger to the summary.
class track_run {
public:
  track_run(const track_options& o, service_setup setup, ledger::store store, submit::account account,
            random_source random, const listening& where, console& out, std::shared_ptr<spdlog::logger> log);

  exit_code run();

private:
  void watch_signals();
  [[nodiscard]] std::string metrics(now_pair now) const;
  void describe(report::picture& p, now_pair now) const;
  void tick();
  void note_wait(now_pair now);
  void ended(std::exception_ptr error);
  [[nodiscard]] const track::tracker& tracker() const { return follower_.tracker(); }
  exit_code conclude();
  [[nodiscard]] std::string what_happened() const;
  [[nodiscard]] json summary_json(exit_code code, const std::vector<ledger::cost_line>& costs) const;
  [[nodiscard]] std::string summary_text(const std::vector<ledger::cost_line>& costs) const;

  const track_options& o_;
  std::shared_ptr<spdlog::logger> log_;
  track_reporter reporter_;
  report::wait_notes wait_notes_;
  now_pair started_ = submit::read_clocks();

  asio::io_context io_{1};
  service_setup setup_;
  net::pool pool_;
  api::client client_;
  submit::account account_;
  std::unique_ptr<ledger::writer> writer_;
  conversion_follower follower_;
  std::unique_ptr<live_page> page_; // where there is one
  metrics_file metrics_file_;

  asio::signal_set signals_;
  steady_timer ticker_, end_timer_;
  bool signalled_ = false;
  std::exception_ptr error_;
};

track_run::track_run(const track_options& o, service_setup setup, ledger::store store, submit::account account,
                     random_source random, const listening& where, console& out, std::shared_ptr<spdlog::logger> log)
    : o_(o), log_(log), reporter_(out, std::move(log), o.progress), setup_(std::move(setup)),
      pool_(io_.get_executor(), setup_.tls, setup_.pool),
      client_(setup_.url,
              [this](request r, net::before_send ready) { return pool_.exchange(std::move(r), std::move(ready)); }),
      account_(std::move(account)),
      writer_(ledger::writer::start(std::move(store), ledger::writer::mode::threaded,
                                    [this](std::function<void()> f) { asio::post(io_, std::move(f)); })),
      follower_(io_, {*writer_, client_, account_, setup_.token, reporter_},
                {true, where.events, o.listening.webhook_grace, o.max_outage, o.max_backoff, random, o.drain,
                 [this] { pool_.close_all(); }},
                reporter_),
      metrics_file_(
          o.metrics_file, [this](now_pair now) { return metrics(now); }, log_),
      signals_(io_, SIGINT, SIGTERM, SIGHUP), ticker_(io_), end_timer_(io_) {
  if (!where.page) return;
  page_source source{[this](report::picture& p, now_pair now) { describe(p, now); },
                     [this](now_pair now) { return metrics(now); }, account_.governor()};
  page_ = std::make_unique<live_page>(io_, *where.page, o.ledger, *writer_, std::move(source), log_);
  reporter_.tell(*page_);
}

std::string track_run::metrics(now_pair now) const {
  report::metrics_source from;
  from.following = {follower_.summary(), reporter_.conversions()};
  return report::metrics_text(from, now);
}

/// What the page cannot know of the ledger.
void track_run::describe(report::picture& p, now_pair now) const {
  add_limits(p, account_.governor(), o_.quota.limits.empty(), now.mono);
  reporter_.describe(p, now);
}

exit_code track_run::run() {
  watch_signals();
  tick();
  if (o_.max_duration) {
    end_timer_.expires_after(*o_.max_duration);
    end_timer_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) follower_.stop(stop_reason::max_duration);
    });
  }
  // Where the ledger fails, so does the search for what is to be followed, which tells.
  writer_->post([at = started_.wall](ledger::store& s) { s.begin_run(at, ledger::run_kind::track); },
                [](const result<void>&) {});
  follower_.start([this](std::exception_ptr error) { ended(error); });
  const auto guard = asio::make_work_guard(io_);
  io_.run();
  if (error_) std::rethrow_exception(error_);
  return conclude();
}

void track_run::ended(std::exception_ptr error) {
  error_ = error;
  reporter_.finish(submit::read_clocks());
  io_.stop();
}

void track_run::watch_signals() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      follower_.tracker().reload_token();
    } else {
      const bool again = std::exchange(signalled_, true);
      again ? log_->warn("Stopping at once.")
            : log_->warn("Stopping: nothing more is asked; the answers that are out may take {} more. Again to stop at "
                         "once.",
                         report::for_people(o_.drain));
      if (again) pool_.close_all();
      follower_.stop(stop_reason::signal);
    }
    watch_signals();
  });
}

void track_run::tick() {
  const auto now = submit::read_clocks();
  reporter_.tick(now);
  metrics_file_.tick(now);
  if (page_) page_->tick(now);
  note_wait(now);
  ticker_.expires_after(redraw_period);
  ticker_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) tick();
  });
}

/// For `mcbatch status`.
void track_run::note_wait(now_pair now) {
  if (!wait_notes_.update(reporter_.waiting(), account_.governor().limits(), now)) return;
  writer_->post([note = wait_notes_.note()](ledger::store& s) { s.note_wait(note); }, [](const result<void>&) {});
}

// At the end

exit_code track_run::conclude() {
  std::vector<ledger::cost_line> costs;
  const auto looked = writer_->run([&](ledger::store& s) { costs = s.costs(); });
  if (!looked) follower_.tracker().ledger_failed(looked.error());
  auto code = looked ? exit_code_of(tracker().reason()) : exit_code::cannot_write;
  if (code == exit_code::ok) code = exit_code_of(report::conversions_of(costs), tracker());
  const auto end = [&](ledger::store& s) {
    s.end_run(submit::read_clocks().wall, to_string(tracker().reason()), one_line(summary_json(code, costs)));
  };
  writer_->post(end, [](const result<void>&) {});
  if (page_) page_->show_the_end(io_);
  metrics_file_.write(submit::read_clocks());
  const auto closed = writer_->close();
  if (!closed && tracker().reason() != stop_reason::ledger) {
    log_->error(closed.error().what);
    code = exit_code::cannot_write;
  }
  const auto text = o_.json_summary ? one_line(summary_json(code, costs)) + "\n" : summary_text(costs);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (o_.summary_file)
    if (const auto written = report::replace_file(*o_.summary_file, text); !written) log_->error(written.error().what);
  return code;
}

std::string track_run::what_happened() const {
  if (tracker().ledger_failure()) return tracker().ledger_failure()->what;
  return sentence_of_following(tracker().reason(), tracker().stopped_by(), o_.max_outage);
}

json track_run::summary_json(exit_code code, const std::vector<ledger::cost_line>& costs) const {
  const auto followed = follower_.summary();
  json all;
  all["stop_reason"] = to_string(tracker().reason());
  all["exit_code"] = static_cast<int>(code);
  if (const auto problem = what_happened(); !problem.empty()) all["problem"] = problem;
  all["ledger"] = o_.ledger;
  all["started_at"] = format_time(started_.wall);
  all["elapsed_s"] =
      std::round(std::chrono::duration<double>(submit::read_clocks().mono - started_.mono).count() * 1e3) / 1e3;
  all["conversions"] = report::conversions_json(report::conversions_of(costs));
  all["missing"] = followed.missing;
  all["requests"] = report::polls_json(followed.polls);
  all["events"] = report::events_json(followed.events);
  all["cost"] = report::costs_json(costs);
  return all;
}

std::string track_run::summary_text(const std::vector<ledger::cost_line>& costs) const {
  const auto counts = report::conversions_of(costs);
  const auto open = counts[conversion_state::pending] + counts[conversion_state::processing];
  auto text = printable(what_happened());
  if (text.empty())
    text = costs.empty() ? "There was nothing to follow: no job of the ledger is submitted."
           : open == 0   ? "Every conversion has ended."
                         : "Some conversions could not be followed to their end.";
  text += "\n" + report::costs_text(costs);
  const auto words = report::following_text(follower_.summary());
  text += fmt::format("{} in {}\n", words.empty() ? "no request" : words,
                      report::for_people(submit::read_clocks().mono - started_.mono));
  if (open > 0 && tracker().reason() != stop_reason::done) text += "Run the same command again to follow the rest.\n";
  if (counts[conversion_state::failed] > 0)
    text += fmt::format("See which failed, and why:   mcbatch export {} | jq -c 'select(.conversion == \"failed\")'\n",
                        report::shell_word(o_.ledger));
  return text;
}

} // namespace

exit_code exit_code_of(const ledger::conversion_counts& counts, const track::tracker& tracker) {
  const bool attention =
      counts[conversion_state::failed] + counts[conversion_state::cancelled] > 0 || tracker.missing() > 0;
  return attention ? exit_code::attention : exit_code::ok;
}

exit_code run_track(const track_options& o, const net::environment& environment) {
  std::signal(SIGPIPE, SIG_IGN); // nobody reads the progress any more: the run goes on
  std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow any more is an error in writing
  refuse_to_replace(o.summary_file, "--summary-file", o.ledger);
  refuse_to_replace(o.metrics_file, "--metrics-file", o.ledger);
  refuse_to_replace(o.logging.file, "--log-file", o.ledger);
  if (o.max_backoff < 1s)
    throw exit_with{exit_code::bad_setting,
                    "--max-backoff must be a second at least, lest a 429 be answered at once by the next request"};
  auto setup = value_or_exit(o.service.set_up(environment));
  listening where{o.listening.events(environment), o.listening.page_at()};
  console out;
  auto log = value_or_exit(o.logging.open(out));
  random_source random(std::random_device{}());
  const auto files = files_of_a_run + files_of_following + (where.page ? files_of_a_page : 0);
  if (allow_open_files(files) < files)
    log->warn("This process may have fewer than {} files open: where many send events, some of them are refused. Raise "
              "the limit (ulimit -n).",
              files);
  auto account = value_or_exit(submit::account::open(setup.state_file(setup.token.current()), quota_settings(o),
                                                     random.fork(), submit::read_clocks()));
  ledger::store_options opening;
  opening.lock_wait = o.lock_wait;
  opening.follow = true;
  auto store = value_or_exit(ledger::store::open_existing(o.ledger, opening));
  if (where.events) where.events->address_secret = store.address_secret();
  if (store.recovered() > 0)
    log->warn("{} in flight when an earlier run died; whether the service has them is in doubt.",
              report::count_of(store.recovered(), "job was", "jobs were"));
  track_run run(o, std::move(setup), std::move(store), std::move(account), random, where, out, log);
  return run.run();
}

} // namespace mcbatch::cli
