#ifndef MCBATCH_SUBMIT_GATHERER_HPP
#define MCBATCH_SUBMIT_GATHERER_HPP

#include <mcbatch/ledger/writer.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <utility>

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

private:
  void add(std::unique_ptr<ledger::writer::task> one);
  void look_next_turn();

  boost::asio::any_io_executor executor_;
  ledger::writer& writer_;
  ledger::writer::tasks waiting_;
  std::size_t seen_ = 0; // of them, in the last turn
};

} // namespace mcbatch::submit

#endif
