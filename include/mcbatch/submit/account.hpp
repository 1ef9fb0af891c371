#ifndef MCBATCH_SUBMIT_ACCOUNT_HPP
#define MCBATCH_SUBMIT_ACCOUNT_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/quota/fair_turns.hpp>
#include <mcbatch/quota/governor.hpp>
#include <mcbatch/submit/event_log.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace mcbatch::submit {

/// The account's quota as a run sees it: the governor, and the log (the state file) by which other runs know of it.
///
/// Runs that wait for tokens get the same number of them. One that does not take its turn holds the others up for a
/// second at most, once.
///
/// Network thread only.
class account {
public:
  static result<account> open(const std::filesystem::path& state_file, quota::governor_settings settings,
                              random_source random, now_pair now);

  /// Takes part in what the log tells. `process` is ours, and nobody else's.
  static result<account> join(std::unique_ptr<event_log> log, std::uint64_t process, quota::governor_settings settings,
                              random_source random, now_pair now);

  /// Spends a token for a request that leaves now, or says what it has to wait for. On go `id` is the request's.
  quota::admission try_leave(now_pair now, quota::request_id& id);

  /// The request got a whole answer.
  void answered(quota::request_id id, const reply& answer, now_pair now);
  /// It left, or may have, and got none.
  void gave_up(quota::request_id id, now_pair now);
  /// No byte of it left.
  void unsent(quota::request_id id, now_pair now);
  /// One of these: by its answer, if there was one, and else by whether a byte of it had left.
  void settle(quota::request_id id, const std::optional<reply>& answer, bool byte_left, now_pair now);
  /// One of these as an event, which may be told some time later.
  void ended(const quota::event& e, now_pair now);

  /// std::lock_guard: what is done meanwhile is told to the other processes at once, and none comes in between. Not
  /// needed for a single call. A request may leave only after the unlock, lest a death leave no trace of it.
  void lock();
  void unlock();

  /// Calls `changed` whenever a request of ours has ended, and another may go that could not before. Who waits for that
  /// need not be the one whose request it was.
  void when_one_ends(std::function<void()> changed) { listeners_.push_back(std::move(changed)); }

  [[nodiscard]] const quota::governor& governor() const { return governor_; }

  /// Why the state file could not be read or written since the last call, if so. The run goes on by its own memory.
  [[nodiscard]] std::optional<failure> take_problem() { return std::exchange(problem_, std::nullopt); }

private:
  account(std::unique_ptr<event_log> log, quota::governor governor, std::uint64_t process)
      : log_(std::move(log)), governor_(std::move(governor)), process_(process) {}

  void catch_up(now_pair now);
  void bury_the_dead(now_pair now);
  void record(const quota::event& e);
  void say_that_we_wait(now_pair now, const quota::limit& shortest);
  std::optional<instant> give_way(now_pair now, const quota::limit& shortest);

  std::unique_ptr<event_log> log_;
  quota::governor governor_;
  std::uint64_t process_;

  unsigned locked_ = 0; // how often
  bool caught_up_ = false;
  now_pair now_{};                      // of the last call
  std::vector<quota::event> unwritten_; // of the present lock

  /// Whom we let go before us, and since when a token is there for it.
  struct predecessor {
    quota::request_id want;
    instant since;
  };
  quota::fair_turns turns_;
  std::optional<predecessor> before_us_;
  std::optional<failure> problem_;
  std::vector<std::function<void()>> listeners_;
};

/// The end of a request that got a whole answer. `rate` is what its headers say.
quota::event end_of_request(quota::request_id id, const reply& answer, quota::rate_info rate, instant at);

} // namespace mcbatch::submit

#endif
