#ifndef MCBATCH_TRACK_EVENT_RECEIVER_HPP
#define MCBATCH_TRACK_EVENT_RECEIVER_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/track/event_counts.hpp>

#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace mcbatch::track {

/// What is in the ledger of an event.
struct news {
  ledger::hearing heard;
  ledger::conversion_counts counts; ///< of all conversions then
  std::string job_id;               ///< the service's
  conversion what;
  std::string unknown_status; ///< see api::job_news
};

/// Takes in what the service says by itself: API.md's webhooks. Only what is signed with the account's secret is looked
/// at, and it is answered 2xx only once it is on the disk. The thread on which the writer's completions run.
class event_receiver {
public:
  /// `secret` is the account's, `address_secret` the ledger's. `told` is called with each event that is in the ledger,
  /// before it is answered; `failed` where the ledger failed, which it does for good.
  event_receiver(ledger::writer& writer, std::string secret, std::string address_secret,
                 std::function<void(const news&)> told, std::function<void(const failure&)> failed);

  /// Answers 200; 401 without the right signature; 400 to what cannot be understood; 405 to another method than POST;
  /// 503 where the ledger cannot take it. Whatever the answer, nobody need wait for anything but the disk.
  awaitable<reply> receive(request r);

  [[nodiscard]] const event_counts& counts() const { return counts_; }

private:
  std::variant<ledger::heard_event, reply> understand(const request& r, news& about);
  awaitable<result<void>> record(ledger::heard_event event, std::shared_ptr<news> about);
  reply conclude(const result<void>& committed, const news& about);
  void count(ledger::event_fate fate);

  ledger::writer& writer_;
  std::string secret_, address_secret_;
  std::function<void(const news&)> told_;
  std::function<void(const failure&)> failed_;
  event_counts counts_;
};

} // namespace mcbatch::track

#endif
