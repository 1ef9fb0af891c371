#include <mcbatch/simulation/simulation.hpp>

#include "agenda.hpp"
#include "shared_memory_log.hpp"

#include <mcbatch/submit/account.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace mcbatch::simulation {
namespace {

using namespace std::chrono_literals;
using submit::step;

constexpr instant beginning{1000h};
constexpr std::size_t fetched_at_once = 256;
const std::string token = "mc_test_simulation";

/// One run of mcbatch in the middle of its life.
struct run_state {
  submit::account account;
  submit::scheduler scheduler;
  std::uint64_t jobs_left; // not given to the scheduler yet
  std::size_t out = 0;     // its requests
  std::uint64_t wait = 0;  // the number of the one that counts
  std::optional<instant> wakes{};
};

/// One request on its way.
struct exchange {
  std::uint32_t run;
  quota::request_id id{};
  std::optional<submit::dispatch> job{}; // none: a probe
  std::size_t traced = 0;                // its place in the trace
  instant ends{};
  bool lost = false;
  reply answer{};
};

outcome meaning_of(const exchange& x) {
  outcome o;
  o.http_status = x.lost ? 0 : x.answer.status;
  if (x.lost)
    o.what = meaning::lost;
  else if (x.answer.status == 429)
    o.what = meaning::rate_limited;
  else
    o.what = x.answer.status / 100 == 2 ? meaning::accepted : meaning::refused;
  return o;
}

} // namespace

struct simulation::impl {
  explicit impl(plan p);

  void run_until(duration end, std::uint64_t requests);
  void happens(const appointment& a);

  void start(std::uint32_t run);
  void kill(std::uint32_t run);
  void go_on(std::uint32_t run);
  void wait(std::uint32_t run, std::optional<instant> until);
  void send(std::uint32_t run, quota::request_id id, std::optional<submit::dispatch> job);
  void arrive(std::uint32_t number, std::size_t traced);
  void end(std::uint32_t number);
  void stranger_arrives();

  [[nodiscard]] now_pair runs_clocks() const;
  [[nodiscard]] now_pair services_clocks() const;
  reply ask_service();
  duration draw(duration least, duration most);

  plan plan_;
  random_source random_;
  sandbox::service service_;
  request request_;
  account_memory memory_;
  agenda agenda_;
  instant now_ = beginning;
  std::vector<std::optional<run_state>> runs_;
  std::size_t runs_over_ = 0;
  std::vector<exchange> exchanges_;
  std::vector<std::uint32_t> free_exchanges_;
  trace seen_;
};

simulation::impl::impl(plan p)
    : plan_(std::move(p)), random_(plan_.seed), service_([this] {
        plan_.service.token = token;
        return sandbox::service::make(plan_.service).value();
      }()) {
  // What a request asks for is nothing to the quota.
  request_.target = service_.prefix() + "/me";
  request_.fields.add("Authorization", "Bearer " + token);
  memory_.memory = 2h;
  runs_.resize(plan_.runs.size());
  seen_.finished.resize(plan_.runs.size());
  for (std::uint32_t i = 0; i < plan_.runs.size(); ++i) {
    agenda_.add(beginning + plan_.runs[i].starts, happening::start, i);
    if (plan_.runs[i].killed) agenda_.add(beginning + *plan_.runs[i].killed, happening::kill, i);
  }
  if (plan_.stranger)
    if (const auto first = plan_.stranger(0s, false)) agenda_.add(beginning + *first, happening::stranger);
}

void simulation::impl::run_until(duration end, std::uint64_t requests) {
  while (runs_over_ < runs_.size() && !agenda_.empty() && seen_.requests.size() < requests) {
    if (agenda_.next() - beginning > end) break;
    const auto a = agenda_.take();
    now_ = a.at;
    happens(a);
  }
}

void simulation::impl::happens(const appointment& a) {
  switch (a.what) {
  case happening::start:
    return start(a.who);
  case happening::kill:
    return kill(a.who);
  case happening::wake:
    if (runs_[a.who] && runs_[a.who]->wait == a.which) go_on(a.who);
    return;
  case happening::arrive:
    return arrive(a.who, a.which);
  case happening::end:
    return this->end(a.who);
  case happening::stranger:
    return stranger_arrives();
  }
}

// The runs

void simulation::impl::start(std::uint32_t run) {
  const auto& p = plan_.runs[run];
  auto account = submit::account::join(std::make_unique<shared_memory_log>(memory_), run + 1, p.quota, random_.fork(),
                                       runs_clocks());
  runs_[run].emplace(run_state{std::move(account).value(), submit::scheduler(p.scheduling, random_.fork()), p.jobs});
  go_on(run);
}

void simulation::impl::kill(std::uint32_t run) {
  if (!runs_[run]) return;
  runs_[run].reset();
  memory_.dead.insert(run + 1);
  ++runs_over_;
}

/// What the submitter does: whatever the scheduler says and the quota lets through.
void simulation::impl::go_on(std::uint32_t run) {
  auto& r = *runs_[run];
  for (;;) {
    if (r.scheduler.ready() == 0 && !r.scheduler.input_ended()) {
      const auto n = std::min<std::uint64_t>(r.jobs_left, fetched_at_once);
      r.jobs_left -= n;
      r.scheduler.add(std::vector<job>(n));
      if (r.jobs_left == 0) r.scheduler.no_more_jobs();
    }
    const auto next = r.scheduler.next(now_);
    if (next.what == step::finished) {
      seen_.finished[run] = now_ - beginning;
      return kill(run);
    }
    if (next.what == step::wait) return wait(run, next.until);
    quota::request_id id;
    const auto admission = r.account.try_leave(runs_clocks(), id);
    if (!admission.go) return wait(run, admission.until);
    if (next.what == step::probe) {
      r.scheduler.probe_sent();
      send(run, id, std::nullopt);
    } else {
      send(run, id, r.scheduler.send());
    }
  }
}

void simulation::impl::wait(std::uint32_t run, std::optional<instant> until) {
  auto& r = *runs_[run];
  const auto fail = [&](const std::string& how) {
    throw std::logic_error("run " + std::to_string(run) + " " + how + " (seed " + std::to_string(plan_.seed) + ")");
  };
  if (until && *until <= now_) fail("waits for what is past");
  if (!until && r.out == 0) fail("waits for nothing");
  if (r.wakes == until && until) return;
  r.wakes = until;
  ++r.wait;
  if (until) agenda_.add(*until, happening::wake, run, r.wait);
}

// The network

/// Often the least, often the most, else something between: limits are exceeded at the extremes.
duration simulation::impl::draw(duration least, duration most) {
  const auto kind = random_.unit();
  if (kind < 0.2) return least;
  if (kind < 0.4) return most;
  return least + random_.up_to(most - least);
}

void simulation::impl::send(std::uint32_t run, quota::request_id id, std::optional<submit::dispatch> job) {
  if (free_exchanges_.empty()) {
    free_exchanges_.push_back(static_cast<std::uint32_t>(exchanges_.size()));
    exchanges_.emplace_back();
  }
  const auto number = free_exchanges_.back();
  free_exchanges_.pop_back();
  auto& x = exchanges_[number] = {run, id, std::move(job), seen_.requests.size()};
  seen_.requests.push_back({run, false, now_ - beginning});
  ++runs_[run]->out;

  x.lost = random_.unit() < plan_.net.lost;
  const auto timeout = plan_.runs[run].quota.timeout;
  const auto round_trip = x.lost ? timeout : draw(plan_.net.shortest, plan_.net.longest);
  x.ends = now_ + round_trip;
  // A lost one may still be under way when its run gives it up.
  const bool never_arrives = x.lost && random_.unit() < 0.5;
  if (!never_arrives)
    agenda_.add(now_ + draw(0s, x.lost ? 2 * timeout : round_trip), happening::arrive, number, x.traced);
  agenda_.add(x.ends, happening::end, number);
}

reply simulation::impl::ask_service() {
  return service_.handle(request_, services_clocks()).answer;
}

void simulation::impl::arrive(std::uint32_t number, std::size_t traced) {
  // What a killed run sent is given up on: the system closed its connections.
  const auto& sender = plan_.runs[seen_.requests[traced].run];
  if (sender.killed && now_ - beginning > *sender.killed + sender.quota.timeout) return;
  seen_.counted.push_back(now_ - beginning);
  auto answer = ask_service();
  const bool refused = answer.status == 429;
  seen_.refused += refused;
  seen_.requests[traced].refused = refused;
  auto& x = exchanges_[number];
  if (x.traced == traced) x.answer = std::move(answer); // else it was given up on
}

void simulation::impl::end(std::uint32_t number) {
  auto x = std::move(exchanges_[number]);
  free_exchanges_.push_back(number);
  if (!runs_[x.run]) return;
  auto& r = *runs_[x.run];
  --r.out;
  seen_.requests[x.traced].ended = now_ - beginning;
  if (x.lost)
    r.account.gave_up(x.id, runs_clocks());
  else
    r.account.answered(x.id, x.answer, runs_clocks());
  const auto o = meaning_of(x);
  if (o.what == meaning::rate_limited)
    r.scheduler.on_rate_limited(now_, quota::parse_rate_headers(x.answer.fields, runs_clocks().wall).asked_wait());
  if (x.job) {
    r.scheduler.on_outcome(now_, std::move(*x.job), o, std::nullopt);
    r.scheduler.recorded();
  } else {
    r.scheduler.on_probe(now_, o.what == meaning::accepted);
  }
  go_on(x.run);
}

// Somebody else

void simulation::impl::stranger_arrives() {
  const bool refused = ask_service().status == 429;
  ++seen_.strangers;
  seen_.strangers_refused += refused;
  if (const auto next = plan_.stranger(now_ - beginning, refused))
    agenda_.add(std::max(beginning + *next, now_), happening::stranger);
}

// Clocks

now_pair simulation::impl::runs_clocks() const {
  const auto since = now_ - beginning;
  return {now_, plan_.begins + std::chrono::floor<wall_time::duration>(since + plan_.runs_clock_ahead)};
}

/// The monotonic clock of a machine starts wherever it likes.
now_pair simulation::impl::services_clocks() const {
  const auto since =
      duration(static_cast<duration::rep>(static_cast<double>((now_ - beginning).count()) * plan_.service_clock_rate));
  return {instant(7h) + since, plan_.begins + std::chrono::floor<wall_time::duration>(since)};
}

simulation::simulation(plan p) : impl_(std::make_unique<impl>(std::move(p))) {}
simulation::~simulation() = default;

void simulation::run_until(duration end, std::uint64_t requests) {
  impl_->run_until(end, requests);
}

const trace& simulation::seen() const {
  return impl_->seen_;
}

} // namespace mcbatch::simulation
