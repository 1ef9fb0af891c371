#ifndef MCBATCH_SUBMIT_GATHERER_HPP
#define MCBATCH_SUBMIT_GATHERER_HPP

#include <mcbatch/ledger/writer.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mcbatch::submit {

/// Hands works to the ledger's writer in few and full batches, since each commit costs a sync: together with all others
/// of this turn of the event loop, and of the next turns for as long as each brings more. What is in flight is bounded,
/// and so is that; an idle loop lets nothing wait.
///
/// Everything runs on the executor's one thread. The writer must outlive it, and it must outlive what it has posted to
/// the executor: nothing is there once every work was told to be done.
class gatherer {
public:
  gatherer(boost::asio::any_io_executor executor, ledger::writer& writer);

  /// As writer::post does it.
  template <class Work, class Done>
  void post(Work w, Done done) {
    add(ledger::writer::make_task(std::move(w), std::move(done)));
  }

  /// The intent to send a job: those that go together are begun together.
  template <class Done>
  void post_intent(std::int64_t job, wall_time at, Done done) {
    const auto nothing = [](ledger::store&) {}; // it is done before
    add_intent(job, at, ledger::writer::make_task(nothing, std::move(done)));
  }

private:
  void add_intent(std::int64_t job, wall_time at, std::unique_ptr<ledger::writer::task> done);
  void add(std::unique_ptr<ledger::writer::task> one);
  void look_next_turn();
  void hand_over();
  [[nodiscard]] std::size_t size() const { return waiting_.size() + intents_.size(); }

  boost::asio::any_io_executor executor_;
  ledger::writer& writer_;
  ledger::writer::tasks waiting_, intents_;
  std::vector<std::int64_t> jobs_; // that are intended to be sent
  wall_time since_{};              // of the first of them
  std::size_t seen_ = 0;           // of them, in the last turn
};

} // namespace mcbatch::submit

#endif
