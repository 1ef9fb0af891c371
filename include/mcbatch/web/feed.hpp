#ifndef MCBATCH_WEB_FEED_HPP
#define MCBATCH_WEB_FEED_HPP

#include <mcbatch/loop/event_loop.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace mcbatch::web {

/// What is pushed to everyone who follows: always the newest text. Who is slow misses some on the way, and holds nobody
/// up. The executor's thread.
class feed {
public:
  explicit feed(io_executor executor) : changed_(executor, steady_timer::time_point::max()) {}

  /// `text` is one line.
  void publish(std::string text);
  /// Nothing more comes: who follows gets the newest text, if it has not, and leaves.
  void end();

  /// How many follow.
  [[nodiscard]] std::size_t followers() const { return followers_; }

  /// One who follows, from what is published after its beginning on.
  class follower {
  public:
    explicit follower(std::shared_ptr<feed> of) : feed_(std::move(of)), seen_(feed_->version_) { ++feed_->followers_; }
    ~follower() { --feed_->followers_; }
    follower(const follower&) = delete;
    follower& operator=(const follower&) = delete;

    /// The newest text, once there is one that it has not seen; null when nothing more comes.
    awaitable<std::shared_ptr<const std::string>> next();

  private:
    std::shared_ptr<feed> feed_;
    std::uint64_t seen_;
  };

private:
  std::shared_ptr<const std::string> newest_;
  std::uint64_t version_ = 0;
  std::size_t followers_ = 0;
  bool ended_ = false;
  steady_timer changed_;
};

} // namespace mcbatch::web

#endif
