#include <mcbatch/submit/account.hpp>
#include <mcbatch/submit/quota_file.hpp>

#include <algorithm>
#include <limits>
#include <mutex>
#include <vector>

#include <sys/random.h>

namespace mcbatch::submit {
namespace {

using quota::event;
using quota::event_kind;

constexpr duration look_again = std::chrono::seconds(1);
constexpr duration patience = std::chrono::seconds(1); // with who does not take its turn

std::uint64_t random_process() {
  std::uint64_t process{};
  if (::getentropy(&process, sizeof process) != 0) process = 0;
  return process | 1; // never 0
}

/// How soon to see whether another has taken its turn: about when the next token comes.
duration time_of_a_turn(const quota::limit& l) {
  using std::chrono::milliseconds;
  return std::clamp<duration>(l.window / static_cast<duration::rep>(l.requests), milliseconds(2), milliseconds(20));
}

} // namespace

result<account> account::open(const std::filesystem::path& state_file, quota::governor_settings settings,
                              random_source random, now_pair now) {
  const auto process = random_process();
  const auto memory = quota::governor(settings, process, random).memory();
  auto file = quota_file::open(state_file, process, memory, now);
  if (!file) return file.error();
  return join(std::make_unique<quota_file>(std::move(file).value()), process, std::move(settings), random, now);
}

result<account> account::join(std::unique_ptr<event_log> log, std::uint64_t process, quota::governor_settings settings,
                              random_source random, now_pair now) {
  account joined(std::move(log), quota::governor(std::move(settings), process, random), process);
  {
    const std::lock_guard whole(joined);
    joined.catch_up(now);
  }
  if (auto problem = joined.take_problem()) return *problem;
  return joined;
}

void account::lock() {
  if (locked_++ > 0) return;
  log_->lock();
  caught_up_ = false;
}

void account::unlock() {
  if (--locked_ > 0) return;
  if (!unwritten_.empty()) {
    if (auto written = log_->append(unwritten_, now_); !written) problem_ = written.error();
    unwritten_.clear();
  }
  log_->unlock();
}

/// What others did. Once in a lock is enough: nobody can do anything meanwhile.
void account::catch_up(now_pair now) {
  now_ = now;
  if (std::exchange(caught_up_, true)) return;
  auto events = log_->read_new(now);
  if (!events) {
    problem_ = events.error();
    return;
  }
  for (const auto& e : *events) {
    governor_.apply(e);
    turns_.apply(e);
  }
  bury_the_dead(now);
}

/// What was in flight at a process's death counts as given up on; so does what a living process should have given up on
/// long ago: it is stopped, or its end was forgotten before we read it.
void account::bury_the_dead(now_pair now) {
  const auto& all = governor_.in_flight(); // in order of their processes
  const auto ours = all.lower_bound({process_, 0});
  const auto after_ours = all.upper_bound({process_, std::numeric_limits<std::uint64_t>::max()});
  std::vector<event> ends;
  const auto look_at = [&](auto from, auto to) {
    std::uint64_t process = 0;
    bool alive = true;
    for (; from != to; ++from) {
      const auto& [request, flight] = *from;
      if (request.process != process) alive = log_->is_alive(request.process);
      process = request.process;
      const auto given_up = flight.left + flight.timeout;
      if (!alive || given_up + flight.timeout < now.mono)
        ends.push_back({event_kind::gave_up, request, std::min(now.mono, given_up), {}});
    }
  };
  look_at(all.begin(), ours);
  look_at(after_ours, all.end());
  for (const auto& e : ends)
    record(e);
}

void account::record(const event& e) {
  governor_.apply(e);
  turns_.apply(e);
  unwritten_.push_back(e);
}

void account::say_that_we_wait(now_pair now, const quota::limit& shortest) {
  if (!turns_.wants(process_) && turns_.has_company(process_, now.mono - shortest.window))
    record(turns_.want(process_, now.mono));
}

/// There is a token. When to look again, if another goes first. Who is dead, or was stopped, does not take its turn.
std::optional<instant> account::give_way(now_pair now, const quota::limit& shortest) {
  while (const auto first = turns_.goes_before(process_, now.mono, shortest)) {
    if (!before_us_ || before_us_->want != *first) before_us_ = {*first, now.mono};
    if (now.mono < before_us_->since + patience && log_->is_alive(first->process))
      return now.mono + time_of_a_turn(shortest);
    record({event_kind::passed_over, *first, now.mono, {}});
    before_us_.reset();
  }
  return std::nullopt;
}

quota::admission account::try_leave(now_pair now, quota::request_id& id) {
  const std::lock_guard whole(*this);
  catch_up(now);
  auto admission = governor_.admit(now.mono);
  const auto shortest = governor_.shortest();
  turns_.forget_before(now.mono - shortest.window);
  if (!admission.go) {
    before_us_.reset();
    if (admission.why == quota::wait_for::window) say_that_we_wait(now, shortest);
    // What other processes have in flight ends without a word to us. Its token comes back a window later.
    if (!admission.until && admission.why != quota::wait_for::first_answer)
      admission.until = now.mono + std::min(look_again, shortest.window);
    return admission;
  }
  if (const auto until = give_way(now, shortest)) {
    say_that_we_wait(now, shortest);
    return {false, until, quota::wait_for::window, shortest.window};
  }
  before_us_.reset();
  const auto e = governor_.leave(now.mono);
  turns_.apply(e);
  unwritten_.push_back(e);
  id = e.request;
  return admission;
}

void account::ended(const event& e, now_pair now) {
  {
    const std::lock_guard whole(*this);
    catch_up(now);
    record(e);
  }
  for (const auto& changed : listeners_)
    changed();
}

void account::answered(quota::request_id id, const reply& answer, now_pair now) {
  ended(end_of_request(id, answer, quota::parse_rate_headers(answer.fields, now.wall), now.mono), now);
}

void account::gave_up(quota::request_id id, now_pair now) {
  ended({event_kind::gave_up, id, now.mono, {}}, now);
}

void account::unsent(quota::request_id id, now_pair now) {
  ended({event_kind::unsent, id, now.mono, {}}, now);
}

void account::settle(quota::request_id id, const std::optional<reply>& answer, bool byte_left, now_pair now) {
  if (answer) return answered(id, *answer, now);
  byte_left ? gave_up(id, now) : unsent(id, now);
}

event end_of_request(quota::request_id id, const reply& answer, quota::rate_info rate, instant at) {
  // What fails says little of the account's tier, and a 0 in it may be anything.
  if (answer.status / 100 != 2) rate.unlimited = false;
  return {answer.status == 429 ? event_kind::refusal : event_kind::answer, id, at, rate};
}

} // namespace mcbatch::submit
