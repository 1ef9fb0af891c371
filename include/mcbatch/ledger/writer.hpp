#ifndef MCBATCH_LEDGER_WRITER_HPP
#define MCBATCH_LEDGER_WRITER_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/ledger/store.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace mcbatch::ledger {

/// Runs a function on the side of whoever posted. The writer calls it from its own thread, so it must be thread-safe
/// and must not block; posting to an io_context is what it is for.
using completion_executor = std::function<void(std::function<void()>)>;

/// Owns the store, and runs on it what others post: everything that waits is run in one transaction, one sync makes it
/// durable, and only then is anyone told. So one sync serves many jobs (group commit).
///
/// The first failure is the last: its batch is rolled back, nothing is written any more, and every work that is queued
/// or posted later completes with that failure.
class writer {
public:
  using work = std::function<void(store&)>;
  using completion = std::function<void(result<void>)>;

  enum class mode {
    threaded, ///< a thread of its own
    manual,   ///< batches run where `pump` is called: for simulation
  };

  static std::unique_ptr<writer> start(store s, mode m);

  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Without `close` before it, as a crash: work that waits is dropped, and its completions are never called.
  ~writer();

  /// Queues work that should be done soon: intents and outcomes. Such works run in the order in which they were posted,
  /// before bulk work that waits. The work is destroyed on the writer's side, the completion on the poster's. Any
  /// thread. After `close`, completes with `errc::stopped`.
  void post(work w, completion done, const completion_executor& on);

  /// Queues bulk work: imports, and whatever must come after them. Such works run in the order in which they were
  /// posted. `bytes` is about the memory that it holds; while much is
  /// queued, blocks (in manual mode never). Any thread but the one that runs
  /// completions. Returns false, and `done` is never called, if the writer has failed or is closing.
  bool post_bounded(std::size_t bytes, work w, completion done, const completion_executor& on);

  /// Manual mode: runs one batch here. Returns false if nothing waited.
  bool pump();

  /// Runs what is queued, ends the thread and closes the store. Returns the first failure, if there was one. May be
  /// called again, from the same thread.
  result<void> close();

  /// How many transactions were committed. Any thread.
  [[nodiscard]] std::uint64_t commits() const;

private:
  struct impl;

  explicit writer(std::unique_ptr<impl> i);

  std::unique_ptr<impl> impl_;
};

} // namespace mcbatch::ledger

#endif
