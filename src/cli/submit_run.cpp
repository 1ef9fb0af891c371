#include "cli/submit_run.hpp"

#include "cli/conversion_follower.hpp"
#include "cli/credit_asker.hpp"
#include "cli/live_page.hpp"
#include "cli/metrics_file.hpp"
#include "cli/open_files.hpp"
#include "cli/own_files.hpp"
#include "cli/run_reporter.hpp"
#include "cli/stop_sentence.hpp"
#include "cli/submission.hpp"
#include "cli/track_run.hpp"

#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/report/costs.hpp>
#include <mcbatch/report/metrics.hpp>
#include <mcbatch/report/picture.hpp>
#include <mcbatch/report/progress.hpp>
#include <mcbatch/report/summary.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/report/wait_notes.hpp>
#include <mcbatch/submit/clocks.hpp>
#include <mcbatch/submit/importer.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using submit::stop_reason;

constexpr duration redraw_period = 250ms;

std::filesystem::path ledger_path(const submit_options& o) {
  if (o.ledger) return *o.ledger;
  const auto& paths = o.manifests.paths;
  if (paths.empty())
    throw exit_with{exit_code::usage, "there is nothing to submit: name a manifest, or with --ledger the ledger whose "
                                      "pending jobs are to be submitted"};
  if (paths.size() > 1)
    throw exit_with{exit_code::usage, "several manifests need --ledger PATH, to remember them in one place"};
  if (paths.front() == "-")
    throw exit_with{exit_code::usage,
                    "standard input needs --ledger PATH, since there is no file beside which to keep it"};
  return paths.front() + ".ledger";
}

/// Looks whether the manifests can be read, so that a run does not begin that cannot go on. What can be read only once,
/// standard input and pipes, is left to the run.
std::vector<submit::manifest_input> find_manifests(const manifest_options& o) {
  if (std::count(o.paths.begin(), o.paths.end(), "-") > 1)
    throw exit_with{exit_code::usage, "standard input can be named once only"};
  std::vector<submit::manifest_input> inputs;
  for (const auto& path : o.paths) {
    std::error_code not_there; // then opening it says so
    const bool once_only =
        path == "-" || std::filesystem::is_fifo(path, not_there) || std::filesystem::is_character_file(path, not_there);
    if (!once_only) value_or_exit(manifest::reader::open(path, o.reading));
    inputs.push_back({path, o.reading});
  }
  return inputs;
}

ledger::store open_ledger(const std::filesystem::path& path, const submit_options& o) {
  ledger::store_options options;
  options.key_field = o.manifests.reading.key_field;
  options.resubmit_in_doubt = o.scheduling.resubmit_in_doubt;
  options.lock_wait = o.lock_wait;
  options.follow = o.track || o.listening.webhook_listen;
  if (o.manifests.paths.empty()) return value_or_exit(ledger::store::open_existing(path, options));
  return value_or_exit(ledger::store::create_or_open(path, options));
}

/// Whether conversions can still be followed when submission has stopped for that.
bool is_for_submission_alone(stop_reason reason) {
  return reason == stop_reason::done || reason == stop_reason::max_jobs || reason == stop_reason::max_cost ||
         reason == stop_reason::payment_required || reason == stop_reason::forbidden;
}

std::size_t files_beside_jobs(const submit_options& o) {
  return files_of_a_run + (o.track || o.listening.webhook_listen ? files_of_following : 0) +
         (o.listening.page ? files_of_a_page : 0);
}

/// Each request in flight has a connection of its own, and connections are open files.
std::size_t open_files(const submit_options& o) {
  const auto beside = files_beside_jobs(o);
  const auto files = allow_open_files(beside + o.scheduling.max_in_flight);
  if (files <= beside)
    throw exit_with{exit_code::bad_setting, "this process may have " + std::to_string(files) +
                                                " files open, and a run needs " + std::to_string(beside + 1) +
                                                " at least: raise the limit (ulimit -n)"};
  return files;
}

/// What a job of the ledger cost, on the average; 0 where none was submitted. Nothing is known of so many.
std::int64_t usual_cost(const ledger::store& store, std::uint64_t unpriced = 0) {
  const auto paid = static_cast<std::int64_t>(store.counts()[job_state::submitted] - unpriced);
  return paid > 0 ? store.spent_micros() / paid : 0;
}

submit::scheduler_settings scheduling(const submit_options& o, const ledger::store& store) {
  auto settings = o.scheduling;
  settings.spent_micros = store.spent_micros();
  settings.usual_micros = usual_cost(store);
  if (!settings.max_cost_micros) return settings;
  const auto unpriced = store.unpriced();
  settings.unpriced = unpriced.tries;
  settings.usual_micros = usual_cost(store, unpriced.submitted);
  return settings;
}

quota::governor_settings quota_settings(const submit_options& o) {
  quota::governor_settings settings;
  settings.ceiling = o.quota.tier;
  settings.limits = o.quota.limits;
  settings.share_percent = o.share_percent;
  settings.timeout = o.service.timeout;
  settings.max_backoff = o.scheduling.max_backoff;
  return settings;
}

/// One `mcbatch submit`, from the opened ledger to the summary.
class submit_run {
public:
  submit_run(const submit_options& o, service_setup setup, std::vector<submit::manifest_input> inputs,
             std::filesystem::path path, ledger::store store, submit::account account, random_source random,
             const listening& where, console& out, std::shared_ptr<spdlog::logger> log);

  exit_code run();

private:
  void prepare_to_follow(const std::optional<event_source>& events, random_source random);
  void prepare_page(const page_place& where);
  [[nodiscard]] std::string metrics(now_pair now) const;
  void describe(report::picture& p, now_pair now) const;
  void credit_is_asked_for();
  void start_reading();
  void batch_arrived(submit::importer::batch_report batch);
  void reading_ended(const std::optional<failure>& broken);
  void watch_signals();
  void tick();
  void begin_run();
  void note_wait(now_pair now);
  void stop(stop_reason reason);
  void ended(std::exception_ptr error);
  void following_ended(std::exception_ptr error);
  void leave_if_all_is_told();

  [[nodiscard]] std::vector<quota::limit> limits() const { return submission_.account.governor().limits(); }
  state_counts final_counts(std::vector<ledger::cost_line>& costs);
  exit_code judge(const state_counts& states, const std::vector<ledger::cost_line>& costs) const;
  exit_code conclude();
  [[nodiscard]] stop_reason reason() const;
  [[nodiscard]] std::string what_happened() const;
  void deliver(const report::run_summary& summary) const;

  const submit_options& o_;
  std::filesystem::path path_;
  std::shared_ptr<spdlog::logger> log_;
  std::vector<submit::manifest_input> inputs_;
  wall_time started_at_ = submit::read_clocks().wall;
  std::int64_t usual_micros_; // of a job of earlier runs

  run_reporter reporter_;
  track_reporter track_reporter_;
  report::wait_notes wait_notes_;
  submission submission_;
  submit::submitter& submitter_ = submission_.submitter;
  ledger::writer& writer_ = *submission_.writer;
  std::unique_ptr<submit::importer> importer_;
  credit_asker credit_;
  std::unique_ptr<conversion_follower> follower_; // where conversions are followed, or their events taken
  std::unique_ptr<live_page> page_;               // where there is one
  metrics_file metrics_file_;

  asio::signal_set signals_;
  steady_timer ticker_, end_timer_;
  bool begun_ = false, signalled_ = false, refused_by_strict_ = false, submission_ended_ = false,
       reading_ended_ = false, following_ended_ = true;
  instant submission_ended_at_{};
  submit::temporary_urls temporary_;
  std::optional<failure> broken_manifest_;
  std::exception_ptr error_;
};

submit_run::submit_run(const submit_options& o, service_setup setup, std::vector<submit::manifest_input> inputs,
                       std::filesystem::path path, ledger::store store, submit::account account, random_source random,
                       const listening& where, console& out, std::shared_ptr<spdlog::logger> log)
    : o_(o), path_(std::move(path)), log_(log), inputs_(std::move(inputs)), usual_micros_(usual_cost(store)),
      reporter_(out, log, o.progress, [this] { return limits(); }), track_reporter_(out, log, o.progress),
      submission_(std::move(setup), std::move(account), std::move(store), reporter_,
                  {scheduling(o, store), random.fork(), o.drain, {}, o.webhook_url}),
      credit_(submission_.io.get_executor(),
              {submission_.client, submission_.account, submission_.setup.token,
               [this] { return reporter_.stats().left(); }, [this] { credit_is_asked_for(); }},
              usual_micros_, log),
      metrics_file_(
          o.metrics_file, [this](now_pair now) { return metrics(now); }, log),
      signals_(submission_.io, SIGINT, SIGTERM, SIGHUP), ticker_(submission_.io), end_timer_(submission_.io) {
  submitter_.share_quota_with(credit_);
  reporter_.tell(credit_);
  if (o.track || where.events) prepare_to_follow(where.events, random.fork());
  if (where.page) prepare_page(*where.page);
}

void submit_run::prepare_page(const page_place& where) {
  page_source source{[this](report::picture& p, now_pair now) { describe(p, now); },
                     [this](now_pair now) { return metrics(now); }, submission_.account.governor()};
  page_ = std::make_unique<live_page>(submission_.io, where, path_.string(), writer_, std::move(source), log_);
  reporter_.tell(*page_);
  track_reporter_.tell(*page_);
}

std::string submit_run::metrics(now_pair now) const {
  report::metrics_source from{&reporter_.stats()};
  if (follower_) from.following = {follower_->summary(), track_reporter_.conversions()};
  from.credit_micros = credit_.credit();
  return report::metrics_text(from, now);
}

void submit_run::credit_is_asked_for() {
  reporter_.spent();
  if (page_) page_->sent();
}

/// What the page cannot know of the ledger.
void submit_run::describe(report::picture& p, now_pair now) const {
  add_limits(p, submission_.account.governor(), o_.quota.limits.empty(), now.mono);
  if (submission_ended_ && o_.track) return track_reporter_.describe(p, now);
  p.doing = report::activity::submitting;
  p.time_left = report::time_left(reporter_.stats(), limits(), now.mono);
  add_wait(p, reporter_.stats().waiting(), now);
}

void submit_run::prepare_to_follow(const std::optional<event_source>& events, random_source random) {
  const auto beside = [this]() -> track::tracker_parts::submission {
    return {submission_ended_, !submission_ended_ && reporter_.stats().left() > 0};
  };
  follow_settings settings{o_.track,
                           events,
                           o_.listening.webhook_grace,
                           o_.scheduling.max_outage,
                           o_.scheduling.max_backoff,
                           random,
                           o_.drain,
                           [this] { submission_.pool.close_all(); },
                           [this](const failure& f) { submitter_.ledger_failed(f); }};
  track::tracker_parts parts{writer_, submission_.client, submission_.account, submission_.setup.token, track_reporter_,
                             beside};
  follower_ = std::make_unique<conversion_follower>(submission_.io, std::move(parts), settings, track_reporter_);
  if (!o_.track) return;
  submitter_.share_quota_with(follower_->tracker());
  track_reporter_.tell(reporter_);
}

exit_code submit_run::run() {
  watch_signals();
  tick();
  if (o_.max_duration) {
    end_timer_.expires_after(*o_.max_duration);
    end_timer_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) stop(stop_reason::max_duration);
    });
  }
  start_reading();
  if (o_.track) {
    following_ended_ = false;
    follower_->start([this](std::exception_ptr error) { following_ended(error); });
  }
  asio::co_spawn(submission_.io, submitter_.run(), [this](std::exception_ptr error) { ended(error); });
  const auto guard = asio::make_work_guard(submission_.io);
  submission_.io.run();
  if (error_) std::rethrow_exception(error_);
  return conclude();
}

void submit_run::stop(stop_reason reason) {
  submitter_.stop(reason);
  if (follower_) follower_->stop(reason);
}

void submit_run::ended(std::exception_ptr error) {
  if (error) error_ = error;
  submission_ended_ = true;
  submission_ended_at_ = submit::read_clocks().mono;
  if (importer_) importer_->stop();
  if (follower_ && (error || !is_for_submission_alone(submitter_.reason()))) follower_->stop(submitter_.reason());
  if (follower_) follower_->tracker().submission_changed();
  if (!following_ended_ && is_for_submission_alone(submitter_.reason()) && submitter_.reason() != stop_reason::done)
    log_->warn("{} The conversions of what is submitted are followed to their ends.", what_happened());
  leave_if_all_is_told();
}

void submit_run::following_ended(std::exception_ptr error) {
  if (error) error_ = error;
  if (error) submitter_.stop(stop_reason::signal);
  following_ended_ = true;
  const auto& tracker = follower_->tracker();
  if (!submission_ended_ && submitter_.reason() == stop_reason::done && tracker.reason() != stop_reason::done)
    log_->warn("Conversions are not followed any more; submission goes on. {}",
               sentence_of_following(tracker.reason(), tracker.stopped_by(), o_.scheduling.max_outage));
  leave_if_all_is_told();
}

/// What was read counts in the summary: the end of reading is waited for.
void submit_run::leave_if_all_is_told() {
  if (!submission_ended_ || !reading_ended_ || !following_ended_) return;
  reporter_.finish(submit::read_clocks());
  if (o_.track) track_reporter_.finish(submit::read_clocks());
  submission_.io.stop();
}

// Reading the manifests

void submit_run::start_reading() {
  if (!inputs_.empty()) {
    submit::importer::callbacks calls{[this](submit::importer::batch_report b) { batch_arrived(std::move(b)); },
                                      [this](const failure& f) { submitter_.ledger_failed(f); },
                                      [this](const std::optional<failure>& f) { reading_ended(f); },
                                      [at = started_at_](ledger::store& s) { s.begin_run(at); }};
    importer_ = std::make_unique<submit::importer>(std::move(inputs_), writer_, std::move(calls));
    return;
  }
  // Without manifests all of the ledger's jobs are the run's, those included that are settled.
  const auto all = std::make_shared<state_counts>();
  const auto queue = [all, at = started_at_](ledger::store& s) {
    s.begin_run(at);
    s.queue_all_pending();
    *all = s.counts();
  };
  const auto done = [this, all](const result<void>& queued) {
    if (!queued) submitter_.ledger_failed(queued.error());
    submit::import_counts counts;
    counts.read = all->total();
    counts.queued = (*all)[job_state::pending];
    counts.skipped = (*all)[job_state::submitted];
    counts.invalid = (*all)[job_state::invalid];
    counts.left = counts.read - counts.queued - counts.skipped - counts.invalid;
    reporter_.imported(counts, {});
    reading_ended(std::nullopt);
  };
  writer_.post(queue, done);
}

void submit_run::batch_arrived(submit::importer::batch_report batch) {
  reporter_.imported(batch.counts, batch.problems);
  temporary_ += batch.temporary;
  if (!o_.strict) submitter_.jobs_are_there();
}

void submit_run::reading_ended(const std::optional<failure>& broken) {
  broken_manifest_ = broken;
  reading_ended_ = true;
  reporter_.import_ended(broken ? std::optional(broken->what) : std::nullopt);
  if (temporary_.jobs > 0)
    log_->warn("{} signed with temporary AWS credentials (the first in {} line {}). They die with those credentials, "
               "perhaps before their own end: if they do, submit a manifest with fresh URLs to the same ledger.",
               report::count_of(temporary_.jobs, "job has URLs", "jobs have URLs"), temporary_.manifest,
               temporary_.line);
  const bool faulty = broken || reporter_.stats().read().invalid > 0;
  refused_by_strict_ = o_.strict && faulty && submitter_.reason() == stop_reason::done;
  refused_by_strict_ ? stop(stop_reason::done) : submitter_.input_ended();
  leave_if_all_is_told();
}

// While it runs

void submit_run::watch_signals() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      submitter_.reload_token();
    } else if (!std::exchange(signalled_, true)) {
      log_->warn("Stopping: nothing more is sent; what is in flight may take {} more. Again to stop at once.",
                 report::for_people(o_.drain));
      stop(stop_reason::signal);
    } else {
      log_->warn(submission_ended_ ? "Stopping at once." : "Stopping at once: what was in flight is in doubt.");
      submitter_.stop_now();
    }
    watch_signals();
  });
}

void submit_run::tick() {
  const auto now = submit::read_clocks();
  submission_ended_&& o_.track ? track_reporter_.tick(now) : reporter_.tick(now);
  metrics_file_.tick(now);
  if (page_) page_->tick(now);
  note_wait(now);
  ticker_.expires_after(redraw_period);
  ticker_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    if (!std::exchange(begun_, true)) begin_run();
    tick();
  });
}

/// A run is on record from its first batch on, in one commit with it. The first batch may be long in coming.
void submit_run::begin_run() {
  const auto done = [this](const result<void>& begun) {
    if (!begun) submitter_.ledger_failed(begun.error());
  };
  writer_.post([at = started_at_](ledger::store& s) { s.begin_run(at); }, done);
}

/// For `mcbatch status`.
void submit_run::note_wait(now_pair now) {
  const auto& wait = submission_ended_ && o_.track ? track_reporter_.waiting() : reporter_.stats().waiting();
  if (!wait_notes_.update(wait, limits(), now)) return;
  // Where the ledger fails, the jobs that wait for it tell.
  writer_.post([note = wait_notes_.note()](ledger::store& s) { s.note_wait(note); }, [](const result<void>&) {});
}

// At the end

/// What the ledger says of this run's jobs; where it failed, what was counted on the way.
state_counts submit_run::final_counts(std::vector<ledger::cost_line>& costs) {
  state_counts states;
  const auto look = [&](ledger::store& s) {
    states = o_.manifests.paths.empty() ? s.counts() : s.run_counts();
    costs = s.costs();
  };
  if (writer_.run(look)) return states;
  const auto& stats = reporter_.stats();
  states[job_state::submitted] = stats.read().skipped + stats.submitted();
  states[job_state::rejected] = stats.rejected();
  states[job_state::in_doubt] = stats.in_doubt() + stats.unrecorded();
  states[job_state::pending] = stats.left() - std::min(stats.left(), stats.unrecorded());
  return states;
}

/// Why the run ended: submission's reason goes before that of following.
stop_reason submit_run::reason() const {
  if (submitter_.reason() != stop_reason::done || !o_.track) return submitter_.reason();
  return follower_->tracker().reason();
}

exit_code submit_run::judge(const state_counts& states, const std::vector<ledger::cost_line>& costs) const {
  if (refused_by_strict_) return exit_code::unusable_input;
  if (reason() != stop_reason::done) return exit_code_of(reason());
  const auto& read = reporter_.stats().read();
  if (broken_manifest_ && read.read == 0) return exit_code_of(broken_manifest_->code);
  const bool attention =
      states[job_state::rejected] + states[job_state::in_doubt] + states[job_state::expired] + read.invalid > 0;
  if (attention || broken_manifest_) return exit_code::attention;
  return o_.track ? exit_code_of(report::conversions_of(costs), follower_->tracker()) : exit_code::ok;
}

exit_code submit_run::conclude() {
  std::vector<ledger::cost_line> costs;
  const auto states = final_counts(costs);
  const auto code = judge(states, costs);
  const auto why = reason();
  const auto now = submit::read_clocks();
  report::run_summary summary{std::string(to_string(why)),
                              static_cast<int>(code),
                              o_.manifests.paths,
                              path_.string(),
                              started_at_,
                              now.mono,
                              reporter_.stats(),
                              states,
                              std::string(quota::to_string(submission_.account.governor().current_tier())),
                              o_.quota.limits.empty(),
                              limits(),
                              std::move(costs),
                              {}};
  summary.submission_ended = submission_ended_at_;
  summary.problem = what_happened();
  summary.credit_micros = credit_.credit();
  if (follower_) summary.following = follower_->summary();
  const auto end = [&](ledger::store& s) {
    s.begin_run(started_at_); // if nothing came to be read
    s.end_run(now.wall, to_string(why), report::to_json(summary));
  };
  writer_.post(end, [](const result<void>&) {});
  if (page_) page_->show_the_end(submission_.io);
  metrics_file_.write(now);
  const auto closed = writer_.close();
  if (!closed && why != stop_reason::ledger) {
    log_->error(closed.error().what);
    summary.exit_code = static_cast<int>(exit_code::cannot_write);
  }
  deliver(summary);
  return exit_code{summary.exit_code};
}

std::string submit_run::what_happened() const {
  if (refused_by_strict_) return "Nothing was sent: --strict was given and the manifest is not without fault.";
  if (submitter_.ledger_failure()) return submitter_.ledger_failure()->what;
  if (broken_manifest_ && reporter_.stats().read().read == 0) return "Nothing was sent: " + broken_manifest_->what;
  if (broken_manifest_ && submitter_.reason() == stop_reason::done)
    return "Only a part of the manifest could be read: " + broken_manifest_->what;
  const bool by_following = o_.track && submitter_.reason() == stop_reason::done;
  if (by_following && follower_->tracker().ledger_failure()) return follower_->tracker().ledger_failure()->what;
  const auto& by = by_following ? follower_->tracker().stopped_by() : submitter_.stopped_by();
  return by_following ? sentence_of_following(reason(), by, o_.scheduling.max_outage)
                      : stop_sentence(reason(), by, o_.scheduling.max_outage);
}

void submit_run::deliver(const report::run_summary& summary) const {
  const auto text = o_.json_summary ? report::to_json(summary) + "\n" : report::to_text(summary);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (!o_.summary_file) return;
  const auto written = report::replace_file(*o_.summary_file, text);
  if (!written) log_->error(written.error().what); // the run ended as it did all the same
}

} // namespace

exit_code run_submit(const submit_options& wanted, const net::environment& environment) {
  std::signal(SIGPIPE, SIG_IGN); // nobody reads the progress any more: the run goes on
  std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow any more is an error in writing
  auto o = wanted;
  const auto path = ledger_path(o);
  refuse_to_replace(o.summary_file, "--summary-file", path, o.manifests.paths);
  refuse_to_replace(o.metrics_file, "--metrics-file", path, o.manifests.paths);
  refuse_to_replace(o.logging.file, "--log-file", path, o.manifests.paths);
  if (o.scheduling.max_backoff < 1s)
    throw exit_with{exit_code::bad_setting,
                    "--max-backoff must be a second at least, lest a 429 be answered at once by the next request"};
  const auto connections = open_files(o) - files_beside_jobs(o);
  o.scheduling.max_in_flight = std::min(o.scheduling.max_in_flight, connections);
  auto setup = value_or_exit(o.service.set_up(environment));
  console out;
  auto log = value_or_exit(o.logging.open(out));
  if (connections < wanted.scheduling.max_in_flight)
    log->warn("This process may have {} files open: {} at most are in flight. Raise the limit for more (ulimit -n).",
              connections + files_beside_jobs(o), report::count_of(connections, "request", "requests"));
  listening where{o.listening.events(environment), o.listening.page_at()};
  auto inputs = find_manifests(o.manifests);
  const auto seed = o.seed ? *o.seed : std::uint64_t{std::random_device{}()};
  random_source random(seed);
  auto account = value_or_exit(submit::account::open(setup.state_file(setup.token.current()), quota_settings(o),
                                                     random.fork(), submit::read_clocks()));
  auto store = open_ledger(path, o);

  log->info("ledger {}, service {}, seed {}", path.string(), setup.url.text(), seed);
  if (store.copied())
    log->warn("{} is a copy, or was moved or restored: where the ledger that it was made from still stands, go on with "
              "one of them only, for each would send the jobs that are pending in it.",
              path.string());
  if (where.events) where.events->address_secret = store.address_secret();
  if (store.recovered() > 0)
    log->warn("{} in flight when an earlier run died; whether the service has them is in doubt.",
              report::count_of(store.recovered(), "job was", "jobs were"));
  submit_run run(o, std::move(setup), std::move(inputs), path, std::move(store), std::move(account), random, where, out,
                 log);
  return run.run();
}

} // namespace mcbatch::cli
