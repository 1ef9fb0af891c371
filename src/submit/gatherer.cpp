#include <mcbatch/submit/gatherer.hpp>

#include <boost/asio/post.hpp>

namespace mcbatch::submit {

gatherer::gatherer(boost::asio::any_io_executor executor, ledger::writer& writer)
    : executor_(std::move(executor)), writer_(writer) {}

void gatherer::add(std::unique_ptr<ledger::writer::task> one) {
  waiting_.push_back(std::move(one));
  if (waiting_.size() == 1) look_next_turn();
}

/// Between now and then the loop looks once, without waiting, what has come in meanwhile.
void gatherer::look_next_turn() {
  seen_ = waiting_.size();
  boost::asio::post(executor_, [this] {
    if (waiting_.size() > seen_) return look_next_turn();
    writer_.post(std::exchange(waiting_, {}));
  });
}

} // namespace mcbatch::submit
