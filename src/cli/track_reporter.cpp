#include "cli/track_reporter.hpp"

#include "cli/stop_sentence.hpp"

#include <mcbatch/report/progress.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mcbatch::cli {
namespace {

using namespace std::chrono_literals;
using submit::waiting;

constexpr std::uint64_t most_lines = 100;
constexpr duration line_period = 1min;
constexpr duration shortest_rest = 2s; // that is worth a word

} // namespace

track_reporter::track_reporter(console& out, std::shared_ptr<spdlog::logger> log, progress_kind progress)
    : out_(out), log_(std::move(log)), progress_(resolved(progress)),
      next_line_(submit::read_clocks().mono + line_period) {}

void track_reporter::asked(const outcome& what, duration latency) {
  if (feeds_breaker(what.what)) last_trouble_ = what;
  if (!byte_left(what.what)) return;
  ++polls_.sent;
  if (page_) page_->polled(what, latency);
  if (submission_) submission_->spent();
  if (what.http_status != 0) ++polls_.by_status[what.http_status];
  if (what.what == meaning::rate_limited) ++polls_.rate_limited;
  if (feeds_breaker(what.what)) ++polls_.failed;
}

void track_reporter::stands(const ledger::conversion_counts& counts) {
  counts_ = counts;
  was_looked_ = true;
  pace_.note(counts.ended(), submit::read_clocks().mono);
}

void track_reporter::ended(const std::string& job_id, const conversion& how) {
  if (page_) page_->ended(how);
  if (how.state != conversion_state::failed) return log_->debug("conversion {} is {}", job_id, to_string(how.state));
  if (++failures_told_ > most_lines + 1) return;
  if (failures_told_ == most_lines + 1)
    return log_->warn("{} failed conversions were written here; the ledger has the rest: mcbatch export LEDGER",
                      most_lines);
  log_->warn("conversion {} failed: {}{}{}", job_id, how.error, how.message.empty() ? "" : ": ", how.message);
}

void track_reporter::missing(const std::string& job_id, const outcome& what) {
  log_->warn("the service does not tell what has become of the conversion {}{}; it is asked about now and then, "
             "and not waited for.",
             job_id, words_of(what));
}

void track_reporter::waits(const submit::wait_state& w) {
  const auto now = submit::read_clocks();
  if (w.what != waiting_.what && w.what == waiting::outage)
    log_->warn("The service does not work{}; it is asked again now and then.", words_of(last_trouble_));
  if (w.what != waiting_.what && w.what == waiting::pause && w.until)
    log_->warn("The service answered 429; nothing is asked for {}.", report::for_people(*w.until - now.mono));
  waiting_ = w;
}

void track_reporter::listens(const std::string& origin) {
  log_->info("the service's events are taken at {}", origin);
}

void track_reporter::received(const track::event_counts& events) {
  if (events.unproven > 0 && events_.unproven == 0)
    log_->warn("An event was refused because its signature is not by the webhook secret given here. If that is the "
               "service's own, the secret is another than the account's.");
  if (events.malformed > 0 && events_.malformed == 0)
    log_->warn("An event was refused although it is signed: it is not of the form that the service documents.");
  events_ = events;
}

std::string track_reporter::line(now_pair now) const {
  const auto ended = counts_.ended();
  const auto all = ended + counts_[conversion_state::pending] + counts_[conversion_state::processing];
  auto text =
      fmt::format("{} of {} ended", report::with_commas(ended), report::count_of(all, "conversion", "conversions"));
  if (counts_[conversion_state::failed] > 0)
    text += fmt::format(", {} failed", report::with_commas(counts_[conversion_state::failed]));
  if (counts_[conversion_state::cancelled] > 0)
    text += fmt::format(", {} cancelled", report::with_commas(counts_[conversion_state::cancelled]));
  text += fmt::format("; {}", report::count_of(polls_.sent, "request", "requests"));
  if (events_.recorded() > 0) text += fmt::format(", {}", report::count_of(events_.recorded(), "event", "events"));
  const bool worth_saying = waiting_.what == waiting::window || waiting_.what == waiting::pause ||
                            waiting_.what == waiting::outage || waiting_.what == waiting::drain;
  if (worth_saying) return text + "; " + report::describe(waiting_, now);
  if (waiting_.until && *waiting_.until > now.mono + 1s)
    text += "; the next in " + report::for_people(*waiting_.until - now.mono);
  return text;
}

void track_reporter::describe(report::picture& p, now_pair now) const {
  p.doing = report::activity::tracking;
  const auto open = p.conversions[conversion_state::pending] + p.conversions[conversion_state::processing];
  p.time_left = pace_.time_left(open - std::min(open, p.missing), now.mono);
  add_wait(p, waiting_, now);
  const bool rests = waiting_.what == waiting::nothing && waiting_.until && *waiting_.until > now.mono + shortest_rest;
  if (rests) p.waiting = {"waiting to ask about the next conversion", submit::at_wall(*waiting_.until, now)};
}

void track_reporter::tick(now_pair now) {
  if (progress_ == progress_kind::bar) {
    out_.bar(line(now).substr(0, console::width() - 1));
  } else if (progress_ == progress_kind::plain && now.mono >= next_line_) {
    out_.line(line(now));
    next_line_ = now.mono + line_period;
  }
}

void track_reporter::finish(now_pair now) {
  if (progress_ == progress_kind::bar) tick(now);
  out_.end_bar();
}

} // namespace mcbatch::cli
