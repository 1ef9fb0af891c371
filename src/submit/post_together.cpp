#include <mcbatch/submit/post_together.hpp>

#include <boost/asio/post.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace mcbatch::submit {
namespace {

class meeting_point {
public:
  /// Returns whether it is the first since the last `take`.
  bool put(std::function<void()> completion) {
    const std::lock_guard guard(mutex_);
    waiting_.push_back(std::move(completion));
    return waiting_.size() == 1;
  }

  std::vector<std::function<void()>> take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(waiting_, {});
  }

private:
  std::mutex mutex_; // guards what follows
  std::vector<std::function<void()>> waiting_;
};

} // namespace

ledger::completion_executor post_together(boost::asio::any_io_executor executor) {
  return [executor, between = std::make_shared<meeting_point>()](std::function<void()> completion) {
    if (!between->put(std::move(completion))) return;
    boost::asio::post(executor, [between] {
      for (auto& each : between->take())
        each();
    });
  };
}

} // namespace mcbatch::submit
