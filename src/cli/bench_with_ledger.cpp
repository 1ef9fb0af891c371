#include "cli/bench_load.hpp"
#include "cli/bench_stops.hpp"
#include "cli/exit_code.hpp"
#include "cli/generated_jobs.hpp"
#include "cli/stop_sentence.hpp"
#include "cli/submission.hpp"

#include <mcbatch/submit/clocks.hpp>
#include <mcbatch/submit/importer.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <exception>
#include <random>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using submit::stop_reason;

constexpr duration longest_outage = 30s;

/// Tells the meter of the submitter's jobs.
class bench_observer : public submit::observer {
public:
  /// `begins` is called when the first job leaves, `done` with each that will not leave again.
  bench_observer(bench_meter& meter, spdlog::logger& log, std::function<void()> begins, std::function<void()> done)
      : meter_(meter), log_(log), begins_(std::move(begins)), done_(std::move(done)) {}

  void imported(const submit::import_counts& batch, const std::vector<submit::manifest_problem>&) override {
    read_ += batch;
  }
  void import_ended(const std::optional<std::string>&) override {}
  void spent() override {
    const bool is_first = !meter_.record().begun();
    meter_.left();
    if (is_first) begins_();
  }
  void refunded() override {}
  void sent() override {}
  void tried(const submit::try_report& t) override {
    const bool held_back = !t.was_told_sent && t.what.error == to_string(errc::stopped);
    if (held_back) return meter_.held_back();
    meter_.ended(t.latency, t.what);
    if (t.state != job_state::pending) done_();
  }
  void expired(const submit::try_report&) override {
    ++expired_;
    done_();
  }
  void soonest_first(std::uint64_t) override {}
  void put_back(std::size_t) override {}
  void probed(const outcome&, bool) override { meter_.held_back(); } // what left was no job
  void waits(const submit::wait_state&) override {}
  void problem(const std::string& sentence) override { log_.warn(sentence); }

  [[nodiscard]] const submit::import_counts& read() const { return read_; }
  [[nodiscard]] std::uint64_t expired_jobs() const { return expired_; }

private:
  bench_meter& meter_;
  spdlog::logger& log_;
  std::function<void()> begins_, done_;
  submit::import_counts read_;
  std::uint64_t expired_ = 0;
};

submission_settings settings_of(const bench_load& load, const service_setup& setup) {
  submission_settings s{{}, random_source(std::random_device{}()), setup.pool.timeout, load.pace};
  s.scheduling.max_in_flight = load.connections;
  s.scheduling.max_outage = longest_outage;
  if (!load.manifests.empty()) s.scheduling.max_jobs = load.jobs;
  return s;
}

submit::account open_account(const service_setup& setup) {
  quota::governor_settings unlimited;
  unlimited.limits = {{1'000'000'000, 1s}};
  unlimited.timeout = setup.pool.timeout;
  return value_or_exit(submit::account::open(setup.state_file(setup.token.current()), unlimited,
                                             random_source(std::random_device{}()), submit::read_clocks()));
}

class ledger_load {
public:
  ledger_load(const bench_load& load, service_setup setup, ledger::store&& store, submit::account account,
              submission_settings settings, bench_meter& meter, spdlog::logger& log);

  bench_end run();

private:
  [[nodiscard]] std::vector<submit::manifest_input> inputs();
  void start_reading();
  void leave_if_all_has_ended();

  const bench_load& load_;
  bench_meter& meter_;
  std::optional<generated_manifest> generated_;
  bench_observer observer_;
  submission submission_;
  bench_stops stops_;
  std::unique_ptr<submit::importer> importer_; // ends before what it reads from
  instant started_ = submit::read_clocks().mono;
  bool reading_ended_ = false, submission_ended_ = false;
  std::optional<failure> broken_manifest_;
  std::optional<duration> import_;
  std::exception_ptr error_;
};

ledger_load::ledger_load(const bench_load& load, service_setup setup, ledger::store&& store, submit::account account,
                         submission_settings settings, bench_meter& meter, spdlog::logger& log)
    : load_(load), meter_(meter), observer_(
                                      meter, log, [this] { stops_.begin(); },
                                      [this] {
                                        if (generated_) generated_->done();
                                      }),
      submission_(std::move(setup), std::move(account), std::move(store), observer_, std::move(settings)),
      stops_(submission_.io, load, meter,
             {[this](stop_reason reason) { submission_.submitter.stop(reason); },
              [this] { submission_.submitter.stop_now(); }},
             log) {}

std::vector<submit::manifest_input> ledger_load::inputs() {
  std::vector<submit::manifest_input> all;
  for (const auto& path : load_.manifests)
    all.push_back({path, load_.reading});
  if (all.empty()) all.push_back({generated_.emplace(load_.jobs).path(), {}});
  return all;
}

void ledger_load::start_reading() {
  submit::importer::callbacks calls{[this](submit::importer::batch_report batch) {
                                      observer_.imported(batch.counts, batch.problems);
                                      submission_.submitter.jobs_are_there();
                                    },
                                    [this](const failure& f) { submission_.submitter.ledger_failed(f); },
                                    [this](const std::optional<failure>& broken) {
                                      broken_manifest_ = broken;
                                      reading_ended_ = true;
                                      if (!submission_ended_) import_ = submit::read_clocks().mono - started_;
                                      submission_.submitter.input_ended();
                                      leave_if_all_has_ended();
                                    }};
  importer_ = std::make_unique<submit::importer>(inputs(), *submission_.writer, std::move(calls));
}

void ledger_load::leave_if_all_has_ended() {
  if (submission_ended_ && reading_ended_) submission_.io.stop();
}

bench_end ledger_load::run() {
  start_reading();
  const auto ended = [this](std::exception_ptr error) {
    meter_.stop();
    error_ = error;
    submission_ended_ = true;
    importer_->stop();
    leave_if_all_has_ended();
  };
  asio::co_spawn(submission_.io, submission_.submitter.run(), ended);
  const auto guard = asio::make_work_guard(submission_.io);
  submission_.io.run();
  if (error_) std::rethrow_exception(error_);

  const auto& submitter = submission_.submitter;
  bench_end end;
  end.reason = submitter.reason();
  if (submitter.ledger_failure())
    end.problem = submitter.ledger_failure()->what;
  else if (end.reason != stop_reason::max_duration && end.reason != stop_reason::max_jobs)
    end.problem = stop_sentence(end.reason, submitter.stopped_by(), longest_outage);
  end.unread = broken_manifest_;
  end.read = observer_.read();
  end.expired = observer_.expired_jobs();
  end.import = import_;
  end.overdue = stops_.overdue();
  end.carried = submission_.pool.carried();
  return end;
}

} // namespace

bench_end load_with_ledger(const bench_load& load, service_setup setup, const std::filesystem::path& ledger,
                           bench_meter& meter, spdlog::logger& log) {
  ledger::store_options options;
  options.key_field = load.reading.key_field;
  auto store = value_or_exit(ledger::store::create_or_open(ledger, options));
  auto account = open_account(setup);
  const auto settings = settings_of(load, setup);
  ledger_load run(load, std::move(setup), std::move(store), std::move(account), settings, meter, log);
  return run.run();
}

} // namespace mcbatch::cli
