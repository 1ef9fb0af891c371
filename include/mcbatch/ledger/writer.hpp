#ifndef MCBATCH_LEDGER_WRITER_HPP
#define MCBATCH_LEDGER_WRITER_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/ledger/store.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace mcbatch::ledger {

/// Runs a function where completions belong. The writer calls it from its own thread, so it must be thread-safe and
/// must not block; posting to an io_context is what it is for.
using completion_executor = std::function<void(std::function<void()>)>;

/// Owns the store, and runs on it what others post: everything that waits is run in one transaction, one sync makes it
/// durable, and only then is anyone told. So one sync serves many jobs (group commit), and one call of the executor
/// tells of all of them.
///
/// The first failure is the last: its batch is rolled back, nothing is written any more, and every work that is queued
/// or posted later completes with that failure.
class writer {
public:
  using work = std::function<void(store&)>;

  enum class mode {
    threaded, ///< a thread of its own
    manual,   ///< batches run where `pump` is called: for simulation
  };

  /// What is to be done to the ledger, and who is told of it: in one piece of memory, for a job has two.
  class task {
  public:
    task() = default;
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    virtual ~task() = default;

  private:
    friend class writer;
    virtual void run(store& s) = 0;
    virtual void forget_work() = 0;
    virtual void tell(const result<void>& committed) = 0;
  };
  using tasks = std::vector<std::unique_ptr<task>>;

  /// `w` is called with the store, and is destroyed on the writer's side, or on the poster's where nothing is written
  /// any more; `done` is called with a result<void>, and is destroyed where completions belong. Neither need be
  /// copyable.
  template <class Work, class Done>
  static std::unique_ptr<task> make_task(Work w, Done done) {
    return std::make_unique<task_of<Work, Done>>(std::move(w), std::move(done));
  }

  /// `completions`: where those are told whose works have been committed.
  static std::unique_ptr<writer> start(store s, mode m, completion_executor completions);

  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Without `close` before it, as a crash: work that waits is dropped, and its completions are never called.
  ~writer();

  /// Queues work that should be done soon: intents and outcomes. Such works run in the order in which they were posted,
  /// before bulk work that waits. Any thread. After `close`, completes with `errc::stopped`.
  void post(tasks all);
  template <class Work, class Done>
  void post(Work w, Done done) {
    tasks one;
    one.push_back(make_task(std::move(w), std::move(done)));
    post(std::move(one));
  }

  /// Queues bulk work: imports, and whatever must come after them. Such works run in the order in which they were
  /// posted. `bytes` is about the memory that it holds; while much is queued, blocks (in manual mode never). Any thread
  /// but the one that runs completions. Returns false, and `done` is never called, if the writer has failed or is
  /// closing.
  bool post_bounded(std::size_t bytes, std::unique_ptr<task> one);
  template <class Work, class Done>
  bool post_bounded(std::size_t bytes, Work w, Done done) {
    return post_bounded(bytes, make_task(std::move(w), std::move(done)));
  }

  /// Runs `w` like a work that was posted, and waits until it is committed, even where completions do not run. Any
  /// thread but the writer's own; in manual mode, that which pumps, as this does.
  result<void> run(work w);

  /// Manual mode: runs one batch here. Returns false if nothing waited.
  bool pump();

  /// Runs what is queued, ends the thread and closes the store. Returns the first failure, if there was one. May be
  /// called again, from the same thread.
  result<void> close();

  /// How many transactions were committed. Any thread.
  [[nodiscard]] std::uint64_t commits() const;

private:
  template <class Work, class Done>
  class task_of;
  struct impl;

  explicit writer(std::unique_ptr<impl> i);

  std::unique_ptr<impl> impl_;
};

template <class Work, class Done>
class writer::task_of : public task {
public:
  task_of(Work w, Done done) : work_(std::move(w)), done_(std::move(done)) {}

private:
  void run(store& s) override { std::exchange(work_, std::nullopt).value()(s); }
  void forget_work() override { work_.reset(); }
  void tell(const result<void>& committed) override { std::move(done_)(committed); }

  std::optional<Work> work_;
  Done done_;
};

} // namespace mcbatch::ledger

#endif
