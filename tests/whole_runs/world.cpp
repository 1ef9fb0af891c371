#include "whole_runs/world.hpp"

#include "whole_runs/checker.hpp"
#include "whole_runs/forgetful_disk.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

#include <unistd.h>

namespace mcbatch::whole_runs {
namespace {

using namespace std::chrono_literals;
using submit::stop_reason;

constexpr instant beginning{1000h};
constexpr wall_time some_day{std::chrono::seconds(1705314600)}; // half past an hour
constexpr int most_last_lives = 12;
constexpr std::uint64_t most_steps = 200'000; // of one life
constexpr std::uint64_t never = UINT64_MAX;

/// In memory, where there is such a place: nothing is meant to stay.
std::filesystem::path place() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class folder {
public:
  folder() {
    std::string pattern = place() / "mcbatch-whole-run-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder can be made in " + pattern);
    path_ = pattern;
  }
  ~folder() {
    std::error_code already_gone;
    std::filesystem::remove_all(path_, already_gone);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

class world {
public:
  world(const plan& p, const breakage& b)
      : plan_(p), breakage_(b), chance_(p.seed), time_(beginning, some_day), service_([&] {
          auto options = p.service;
          options.token = "mc_test_whole_runs";
          return options;
        }()),
        disk_(folder_.path(), [this](std::string_view) { return disk_step(); }), checker_(p.jobs, service_) {
    account_.memory = 2h;
  }

  verdict play();

private:
  forgetful_disk::fate disk_step();
  bool spend_step();
  void note(std::uint64_t what);

  stop_reason live(const life_plan& l);
  std::optional<ledger::store> open(const life_plan& l);
  void run(program& p, const life_plan& l);
  bool one_thing(program& p, const life_plan& l);
  [[nodiscard]] std::optional<instant> next_time() const;
  void move_to(instant at);
  void happen(program* p);
  void let_pass(duration d);
  void retry_in_doubt();

  const plan& plan_;
  const breakage& breakage_;
  random_source chance_;
  virtual_time time_;
  agenda events_;
  service_side service_;
  folder folder_;
  std::filesystem::path ledger_ = folder_.path() / "ledger";
  forgetful_disk disk_;
  checker checker_;
  simulation::account_memory account_;
  std::uint64_t process_ = 0;
  std::size_t incidents_ = 0; // that were

  // Of the life that is on
  std::uint64_t steps_left_ = never; // before it is killed
  std::uint64_t disk_steps_ = 0;
  const life_plan* life_ = nullptr; // whose disk may fail
  bool dead_ = false, disk_failed_ = false;
  std::optional<instant> commit_due_, stop_at_, again_at_;
  std::optional<std::uint64_t> left_at_failure_;

  verdict verdict_;
};

// Chance and death

/// False where this step is the one before which the program dies.
bool world::spend_step() {
  if (dead_) return false;
  if (steps_left_ != never && steps_left_-- == 0) dead_ = true;
  return !dead_;
}

forgetful_disk::fate world::disk_step() {
  using fate = forgetful_disk::fate;
  if (life_ == nullptr) return fate::done;
  if (!spend_step()) return fate::dead;
  ++disk_steps_;
  const auto at = life_->disk_fails_at;
  const bool fails = at != 0 && (life_->disk_recovers ? disk_steps_ == at : disk_steps_ >= at);
  if (!fails) return fate::done;
  disk_failed_ = true;
  return life_->disk_full ? fate::full : fate::broken;
}

/// FNV-1a
void world::note(std::uint64_t what) {
  for (const auto part : {what, static_cast<std::uint64_t>(time_.now().time_since_epoch().count())})
    verdict_.trace = (verdict_.trace ^ part) * 0x100000001b3U;
}

// Time

std::optional<instant> world::next_time() const {
  std::optional<instant> next;
  const auto sooner = [&](std::optional<instant> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  sooner(events_.next());
  sooner(time_.next_timer());
  sooner(commit_due_);
  sooner(stop_at_);
  sooner(again_at_);
  return next;
}

/// Moves on, through the incidents on the way.
void world::move_to(instant at) {
  while (incidents_ < plan_.incidents.size() && beginning + plan_.incidents[incidents_].at <= at) {
    const auto& incident = plan_.incidents[incidents_++];
    time_.advance_to(std::max(time_.now(), beginning + incident.at));
    if (incident.civil_clock_ahead) time_.set_civil_clock_ahead(*incident.civil_clock_ahead);
    time_.suspend_until(time_.now() + incident.sleeps);
  }
  time_.advance_to(at);
}

void world::let_pass(duration d) {
  const auto until = time_.now() + d;
  while (events_.next() && *events_.next() <= until) {
    move_to(*events_.next());
    events_.take()();
  }
  move_to(until);
}

// One life

void world::retry_in_doubt() {
  if (!std::filesystem::exists(ledger_)) return;
  checker_.user_retries_in_doubt(ledger_);
  auto store = ledger::store::open_existing(ledger_, {}).value();
  store.transact([](ledger::store& s) { s.retry({.rejected = false, .in_doubt = true, .expired = false, .keys = {}}); })
      .value();
  store.close().value();
}

std::optional<ledger::store> world::open(const life_plan& l) {
  ledger::store_options options;
  options.resubmit_in_doubt = l.resubmit_in_doubt;
  auto store = ledger::store::create_or_open(ledger_, options);
  if (store) return std::move(*store);
  if (!dead_ && !disk_failed_) checker_.fail("the ledger cannot be opened: " + store.error().what);
  return std::nullopt;
}

stop_reason world::live(const life_plan& l) {
  ++verdict_.lives;
  let_pass(l.pause);
  if (l.retry_in_doubt_first) retry_in_doubt();
  if (l.resubmit_in_doubt) checker_.user_resubmits_in_doubt();

  const bool is_to_die = l.ends == ending::killed || l.ends == ending::power_lost;
  steps_left_ = is_to_die ? l.steps : never;
  disk_steps_ = 0;
  dead_ = disk_failed_ = false;
  life_ = &l;
  const bool is_to_stop = l.ends == ending::stopped || l.ends == ending::stopped_twice;
  stop_at_ = is_to_stop ? std::optional(time_.now() + l.stopped_after) : std::nullopt;
  again_at_ = l.ends == ending::stopped_twice ? std::optional(*stop_at_ + l.again_after) : std::nullopt;
  commit_due_.reset();
  left_at_failure_.reset();

  auto reason = stop_reason::ledger;
  if (auto store = open(l)) {
    program::settings s{plan_.jobs, plan_.max_in_flight, plan_.timeout, l.resubmit_in_doubt,
                        {},         l.network,           ++process_,    breakage_.wrap};
    for (const auto& limit : plan_.service.limits)
      s.limits.push_back({breakage_.without_own_quota ? 1'000'000 : limit.requests, limit.window});
    program p(std::move(s), std::move(*store), {time_, events_, service_}, account_, chance_.fork());
    run(p, l);
    if (!dead_) reason = p.close();
    checker_.was_told(p.told_submitted());
    if (p.has_read_all()) checker_.all_are_known();
    verdict_.sent += p.left();
    if (dead_) disk_.freeze();
  }
  time_.forget_timers();
  account_.dead.insert(process_);
  life_ = nullptr;
  disk_.wake();
  verdict_.killed += dead_;
  verdict_.disk_failures += disk_failed_;
  if (dead_ && l.ends == ending::power_lost) {
    disk_.lose_power(chance_);
    ++verdict_.powerless;
  }
  return reason;
}

void world::run(program& p, const life_plan& l) {
  for (std::uint64_t n = 0; !p.has_ended() && !dead_; ++n) {
    if (n == most_steps) return checker_.fail("a run goes on without end");
    if (!one_thing(p, l)) return;
  }
}

/// Something that is due now, or else time goes on. False where nothing will ever happen.
bool world::one_thing(program& p, const life_plan& l) {
  if (p.ledger_has_failed() && !left_at_failure_) left_at_failure_ = p.left();
  if (left_at_failure_ && p.left() != *left_at_failure_) {
    checker_.fail("a request left after the ledger had failed");
    return false;
  }
  const auto now = time_.now();
  const bool commit_first = chance_.unit() < 0.3;
  const auto commit = [&] {
    if (!commit_due_ || *commit_due_ > now) return false;
    commit_due_.reset();
    if (!spend_step()) return true;
    if (p.commit()) commit_due_ = now + chance_.up_to(l.slowest_commit);
    note(1);
    return true;
  };
  if (commit_first && commit()) return true;
  if (p.step()) {
    spend_step();
    note(2);
    if (!commit_due_) commit_due_ = now + chance_.up_to(l.slowest_commit);
    return true;
  }
  if (commit()) return true;
  const auto due = [&](std::optional<instant>& at) { return at && *at <= now && (at.reset(), true); };
  if (due(stop_at_)) return p.stop(), true;
  if (due(again_at_)) return p.stop_now(), true;
  if (events_.next() && *events_.next() <= now) {
    note(3);
    events_.take()();
    return true;
  }
  const auto next = next_time();
  if (!next) {
    checker_.fail("a run waits for nothing");
    return false;
  }
  move_to(*next);
  return true;
}

verdict world::play() {
  auto reason = stop_reason::ledger;
  for (const auto& life : plan_.lives) {
    reason = live(life);
    checker_.look(ledger_);
    if (!checker_.violations().empty()) break;
  }
  for (int n = 0; n < most_last_lives && reason != stop_reason::done && checker_.violations().empty(); ++n) {
    let_pass(1min);
    reason = live(plan_.lives.back());
    checker_.look(ledger_);
  }
  if (checker_.violations().empty()) {
    if (reason != stop_reason::done)
      checker_.fail("the last run does not come to its end: " + std::string(to_string(reason)));
    else
      checker_.look_at_the_end(ledger_);
  }
  verdict_.violations = checker_.violations();
  verdict_.in_doubt = checker_.in_doubt();
  verdict_.accepted = service_.journal().size();
  return verdict_;
}

} // namespace

verdict& verdict::operator+=(const verdict& other) {
  lives += other.lives;
  killed += other.killed;
  powerless += other.powerless;
  disk_failures += other.disk_failures;
  sent += other.sent;
  accepted += other.accepted;
  in_doubt += other.in_doubt;
  return *this;
}

verdict play(const plan& p, const breakage& b) {
  try {
    return world(p, b).play();
  } catch (const std::exception& e) {
    verdict v;
    v.violations.emplace_back(std::string("an exception: ") + e.what());
    return v;
  }
}

} // namespace mcbatch::whole_runs
