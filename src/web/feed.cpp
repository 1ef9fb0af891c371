#include <mcbatch/web/feed.hpp>

#include <boost/asio/as_tuple.hpp>

namespace mcbatch::web {

void feed::publish(std::string text) {
  newest_ = std::make_shared<const std::string>(std::move(text));
  ++version_;
  changed_.cancel();
}

void feed::end() {
  ended_ = true;
  changed_.cancel();
}

awaitable<std::shared_ptr<const std::string>> feed::follower::next() {
  constexpr auto as_result = boost::asio::as_tuple(use_awaitable);
  while (seen_ == feed_->version_ && !feed_->ended_)
    co_await feed_->changed_.async_wait(as_result);
  if (seen_ == feed_->version_) co_return nullptr;
  seen_ = feed_->version_;
  co_return feed_->newest_;
}

} // namespace mcbatch::web
