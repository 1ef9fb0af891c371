#include "cli/run_reporter.hpp"

#include "cli/stop_sentence.hpp"

#include <mcbatch/report/progress.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

namespace mcbatch::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t most_lines = 100; // of one kind
constexpr duration line_period = 1min;

} // namespace

run_reporter::run_reporter(console& out, std::shared_ptr<spdlog::logger> log, progress_kind progress,
                           limits_source limits)
    : out_(out), log_(std::move(log)), progress_(resolved(progress)), limits_(std::move(limits)),
      stats_(submit::read_clocks().mono), next_line_(stats_.start() + line_period) {}

bool run_reporter::quiet_after::operator()(spdlog::logger& log, std::string_view rest) {
  if (++lines == most_lines + 1)
    log.warn("{} lines of this kind were written; the ledger has the rest: mcbatch export LEDGER --state {}",
             most_lines, rest);
  return lines <= most_lines;
}

void run_reporter::imported(const submit::import_counts& batch, const std::vector<submit::manifest_problem>& problems) {
  stats_.imported(batch);
  for (const auto& p : problems) {
    if (!invalid_lines_(*log_, "invalid")) break;
    log_->warn("{} line {}: {}", p.manifest, p.line, p.message);
  }
}

void run_reporter::import_ended(const std::optional<std::string>& failure) {
  stats_.import_ended();
  if (failure) log_->error(*failure);
}

void run_reporter::sent() {
  stats_.sent();
  if (page_) page_->sent();
}

void run_reporter::tried(const submit::try_report& t) {
  stats_.tried(t);
  if (page_) page_->tried(t);
  if (feeds_breaker(t.what.what)) trouble_ = words_of(t.what);
  if (t.state == job_state::submitted) {
    if (credit_) credit_->accepted(t.what.estimated_cost_micros.value_or(0));
    if (log_->should_log(spdlog::level::debug)) log_->debug("job {} is submitted as {}", to_hex(t.key), t.what.job_id);
    return;
  }
  const auto key = to_hex(t.key);
  if (t.state == job_state::pending)
    return log_->debug("job {} is to be sent again: {} {}", key, t.what.error, t.what.message);
  const auto state = to_string(t.state);
  if (!job_lines_(*log_, "rejected,in_doubt,expired")) return;
  log_->warn("job {} is {}: {}{}{}", key, t.state == job_state::in_doubt ? "in doubt" : state, t.what.error,
             t.what.error.empty() ? "" : ": ", t.what.message);
}

void run_reporter::expired(const submit::try_report& t) {
  const bool doubted = t.state == job_state::in_doubt;
  doubted ? stats_.tried(t) : stats_.expired();
  if (job_lines_(*log_, "rejected,in_doubt,expired"))
    log_->warn("job {} is {}: {}", to_hex(t.key), doubted ? "in doubt" : "expired", t.what.message);
}

void run_reporter::soonest_first(std::uint64_t late) {
  log_->info("Sending the jobs whose URLs expire soonest first: in manifest order {} of them might expire before "
             "their turn.",
             report::with_commas(late));
}

void run_reporter::put_back(std::size_t jobs) {
  stats_.put_back(jobs);
  log_->warn("{} that were rejected by 403 in a row are pending again: it is the token or the tier.", jobs);
}

void run_reporter::probed(const outcome& what, bool answers) {
  stats_.probed(what);
  if (page_ && byte_left(what.what)) page_->sent();
  if (answers) return log_->info("The service answers again; one job goes first.");
  log_->info("The service still does not work{}.", words_of(what));
}

void run_reporter::waits(const submit::wait_state& w) {
  const auto now = submit::read_clocks();
  if (w.what != stats_.waiting().what) {
    if (w.what == submit::waiting::outage)
      log_->warn("The service does not work{}; submission rests and it is asked now and then whether it is back.",
                 trouble_);
    if (w.what == submit::waiting::pause && w.until)
      log_->warn("The service answered 429; nothing is sent for {}.", report::for_people(*w.until - now.mono));
    if (w.what == submit::waiting::window) log_->debug(report::describe(w, now));
  }
  stats_.waits(w, now.mono);
}

void run_reporter::tick(now_pair now) {
  if (progress_ == progress_kind::bar) {
    out_.bar(report::progress_bar(stats_, limits_(), now, console::width()));
  } else if (progress_ == progress_kind::plain && now.mono >= next_line_) {
    out_.line(report::progress_line(stats_, limits_(), now));
    next_line_ = now.mono + line_period;
  }
}

void run_reporter::finish(now_pair now) {
  if (progress_ == progress_kind::bar) tick(now);
  out_.end_bar();
}

} // namespace mcbatch::cli
