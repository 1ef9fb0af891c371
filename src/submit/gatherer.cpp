#include <mcbatch/submit/gatherer.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace mcbatch::submit {
namespace {

constexpr std::size_t most_together = 512;
constexpr duration longest_wait = std::chrono::milliseconds(5);

/// What the loop finds when it looks after a turn has its own turn behind the one that was posted before.
constexpr int quiet_turns = 2;

} // namespace

gatherer::gatherer(io_executor executor, ledger::writer& writer) : executor_(std::move(executor)), writer_(writer) {}

void gatherer::add(std::unique_ptr<ledger::writer::task> one) {
  waiting_.push_back(std::move(one));
  if (size() == 1) begin_to_wait();
}

void gatherer::add_outcome(ledger::job_verdict outcome, std::unique_ptr<ledger::writer::task> done) {
  verdicts_.push_back(std::move(outcome));
  outcomes_.push_back(std::move(done));
  if (size() == 1) begin_to_wait();
}

void gatherer::add_intent(std::int64_t job, wall_time at, std::unique_ptr<ledger::writer::task> done) {
  at_ = at;
  jobs_.push_back(job);
  intents_.push_back(std::move(done));
  if (size() == 1) begin_to_wait();
}

void gatherer::begin_to_wait() {
  since_ = std::chrono::steady_clock::now();
  seen_ = 1;
  quiet_turns_ = 0;
  look_next_turn();
}

/// Between now and then the loop looks, without waiting, for what has come in meanwhile.
void gatherer::look_next_turn() {
  boost::asio::post(executor_, [this] { is_enough() ? hand_over() : look_next_turn(); });
}

bool gatherer::is_enough() {
  quiet_turns_ = size() > seen_ ? 0 : quiet_turns_ + 1;
  seen_ = size();
  return quiet_turns_ == quiet_turns || seen_ >= most_together ||
         std::chrono::steady_clock::now() - since_ >= longest_wait;
}

void gatherer::hand_over() {
  ledger::writer::tasks all;
  all.reserve(size() + 2);
  if (!verdicts_.empty())
    all.push_back(ledger::writer::make_task(
        [verdicts = std::exchange(verdicts_, {})](ledger::store& store) { store.finish(verdicts); },
        [](const result<void>&) {}));
  std::ranges::move(outcomes_, std::back_inserter(all));
  std::ranges::move(waiting_, std::back_inserter(all));
  // Behind the outcomes, for a job that returned may be among both.
  if (!jobs_.empty())
    all.push_back(ledger::writer::make_task(
        [jobs = std::exchange(jobs_, {}), at = at_](ledger::store& store) { store.begin(jobs, at); },
        [](const result<void>&) {}));
  std::ranges::move(intents_, std::back_inserter(all));
  outcomes_.clear();
  waiting_.clear();
  intents_.clear();
  writer_.post(std::move(all));
}

} // namespace mcbatch::submit
