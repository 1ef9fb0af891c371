#ifndef MCBATCH_SUBMIT_GATHERER_HPP
#define MCBATCH_SUBMIT_GATHERER_HPP

#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/loop/event_loop.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mcbatch::submit {

/// Hands works to the ledger's writer in few and full batches, since each commit costs a sync: together with what the
/// next turns of the event loop bring, for as long as they do, and for some milliseconds or some hundreds of works at
/// most. An idle loop lets nothing wait.
///
/// Everything runs on the executor's one thread, to which the writer's completions must be posted as well. The writer
/// must outlive it, and it must outlive what it has posted to the executor: nothing is there once every work was told
/// to be done.
class gatherer {
public:
  gatherer(io_executor executor, ledger::writer& writer);

  /// As writer::post does it.
  template <class Work, class Done>
  void post(Work w, Done done) {
    add(ledger::writer::make_task(std::move(w), std::move(done)));
  }

  /// A job's try ended. Such outcomes go before all else that goes with them.
  template <class Done>
  void post_outcome(std::int64_t job, ledger::verdict verdict, Done done) {
    add_outcome({job, std::move(verdict)}, told_only(std::move(done)));
  }

  /// The intent to send a job at `at`. Those that go together are begun together, at the last one's time. `done` is
  /// called with a result<bool>: whether the job was begun; else the service has it already (store::begin).
  template <class Done>
  void post_intent(std::int64_t job, wall_time at, Done done) {
    add_intent(job, at, std::make_unique<intent<Done>>(job, std::move(done)));
  }

private:
  /// For what one work does for many.
  template <class Done>
  static std::unique_ptr<ledger::writer::task> told_only(Done done) {
    return ledger::writer::make_task([](ledger::store&) {}, std::move(done));
  }

  template <class Done>
  class intent;

  void add_outcome(ledger::job_verdict outcome, std::unique_ptr<ledger::writer::task> done);
  void add_intent(std::int64_t job, wall_time at, std::unique_ptr<ledger::writer::task> done);
  void add(std::unique_ptr<ledger::writer::task> one);
  void begin_to_wait();
  void look_next_turn();
  [[nodiscard]] bool is_enough();
  void hand_over();
  [[nodiscard]] std::size_t size() const { return outcomes_.size() + waiting_.size() + intents_.size(); }

  io_executor executor_;
  ledger::writer& writer_;
  ledger::writer::tasks outcomes_, waiting_, intents_;
  std::vector<ledger::job_verdict> verdicts_; // the outcomes
  std::vector<std::int64_t> jobs_;            // that are intended to be sent
  wall_time at_{};                            // of the last of them

  instant since_;        // the first of all that waits came
  std::size_t seen_ = 0; // of it, in the last turn
  int quiet_turns_ = 0;
};

/// Looks what became of one of those that were begun together.
template <class Done>
class gatherer::intent : public ledger::writer::task {
public:
  intent(std::int64_t job, Done done) : job_(job), done_(std::move(done)) {}

private:
  void run(ledger::store& s) override { begun_ = !s.is_proven(job_); }
  void forget_work() override {}
  void tell(const result<void>& committed) override {
    std::move(done_)(committed ? result<bool>(begun_) : result<bool>(committed.error()));
  }

  std::int64_t job_;
  bool begun_ = false;
  Done done_;
};

} // namespace mcbatch::submit

#endif
