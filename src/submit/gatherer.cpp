#include <mcbatch/submit/gatherer.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>

namespace mcbatch::submit {

gatherer::gatherer(boost::asio::any_io_executor executor, ledger::writer& writer)
    : executor_(std::move(executor)), writer_(writer) {}

void gatherer::add(std::unique_ptr<ledger::writer::task> one) {
  waiting_.push_back(std::move(one));
  if (size() == 1) look_next_turn();
}

void gatherer::add_intent(std::int64_t job, wall_time at, std::unique_ptr<ledger::writer::task> done) {
  if (jobs_.empty()) since_ = at;
  jobs_.push_back(job);
  intents_.push_back(std::move(done));
  if (size() == 1) look_next_turn();
}

/// Between now and then the loop looks once, without waiting, what has come in meanwhile.
void gatherer::look_next_turn() {
  seen_ = size();
  boost::asio::post(executor_, [this] { size() > seen_ ? look_next_turn() : hand_over(); });
}

void gatherer::hand_over() {
  auto all = std::exchange(waiting_, {});
  // Behind the outcomes, for a job that returned may be among both.
  if (!jobs_.empty()) {
    const auto begin = [jobs = std::exchange(jobs_, {}), at = since_](ledger::store& store) { store.begin(jobs, at); };
    all.push_back(ledger::writer::make_task(begin, [](const result<void>&) {}));
  }
  std::ranges::move(std::exchange(intents_, {}), std::back_inserter(all));
  writer_.post(std::move(all));
}

} // namespace mcbatch::submit
