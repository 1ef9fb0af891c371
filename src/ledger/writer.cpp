#include <mcbatch/ledger/writer.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace mcbatch::ledger {
namespace {

/// A batch is small enough that an intent never waits long for the commit before its own.
constexpr std::size_t batch_works = 4096;
constexpr std::size_t batch_bulk_bytes = std::size_t{1} << 20;

/// How much bulk work may wait before its poster does.
constexpr std::size_t queued_bulk_bytes = std::size_t{8} << 20;

failure after_close() {
  return {errc::stopped, "the ledger was closed: nothing more is recorded in this run"};
}

struct item {
  std::unique_ptr<writer::task> what;
  std::size_t bytes = 0;
  std::promise<result<void>>* waiter = nullptr; // who waits for it, other than for its completion
};

/// Moves works from the front of `queue` to `batch`, within both bounds; at least one, so that none is too large.
std::size_t take(std::deque<item>& queue, std::vector<item>& batch, std::size_t works, std::size_t bytes) {
  std::size_t taken_bytes = 0;
  for (std::size_t n = 0; n < works && !queue.empty(); ++n) {
    if (n != 0 && taken_bytes + queue.front().bytes > bytes) break;
    taken_bytes += queue.front().bytes;
    batch.push_back(std::move(queue.front()));
    queue.pop_front();
  }
  return taken_bytes;
}

} // namespace

struct writer::impl {
  impl(store s, mode m, completion_executor c) : ledger(std::move(s)), how(m), completions(std::move(c)) {}

  bool run_batch();
  std::vector<item> next_batch();
  void tell(std::vector<item> batch, const result<void>& committed);
  static void tell_all(const tasks& done, const result<void>& committed);
  void add(std::vector<item> items);
  void loop();
  void stop_thread();

  store ledger; // used by whoever runs batches
  const mode how;
  const completion_executor completions;
  std::thread thread;
  std::atomic<std::uint64_t> commits = 0;
  std::optional<result<void>> close_result;

  std::mutex mutex; // guards what follows
  std::condition_variable work_came;
  std::condition_variable room_came;
  std::deque<item> urgent;
  std::deque<item> bulk;
  std::size_t bulk_bytes = 0;
  bool closing = false;
  bool abandoned = false;
  std::optional<failure> failed;
};

std::vector<item> writer::impl::next_batch() {
  std::vector<item> batch;
  {
    const std::lock_guard guard(mutex);
    take(urgent, batch, batch_works, 0);
    bulk_bytes -= take(bulk, batch, batch_works, batch_bulk_bytes);
  }
  room_came.notify_all();
  return batch;
}

bool writer::impl::run_batch() {
  auto batch = next_batch();
  if (batch.empty()) return false;
  result<void> r;
  if (failed) { // only batches set it, so that it may be read here without the mutex
    r = *failed;
  } else {
    r = ledger.transact([&](store& s) {
      for (auto& i : batch)
        i.what->run(s);
    });
    if (r) {
      ++commits;
    } else {
      const std::lock_guard guard(mutex);
      failed = r.error();
    }
  }
  room_came.notify_all();
  tell(std::move(batch), r);
  return true;
}

/// Each is told, whatever another throws.
void writer::impl::tell_all(const tasks& done, const result<void>& committed) {
  std::exception_ptr thrown;
  for (const auto& each : done) {
    try {
      each->tell(committed);
    } catch (...) {
      if (!thrown) thrown = std::current_exception();
    }
  }
  if (thrown) std::rethrow_exception(thrown);
}

void writer::impl::tell(std::vector<item> batch, const result<void>& committed) {
  const auto done = std::make_shared<tasks>(); // for a std::function is copyable
  for (auto& i : batch) {
    i.what->forget_work(); // if it did not run
    i.waiter ? i.waiter->set_value(committed) : done->push_back(std::move(i.what));
  }
  if (!done->empty()) completions([done, committed] { tell_all(*done, committed); });
}

void writer::impl::loop() {
  for (;;) {
    {
      std::unique_lock guard(mutex);
      work_came.wait(guard, [&] { return closing || !urgent.empty() || !bulk.empty(); });
      if (abandoned || (urgent.empty() && bulk.empty())) return;
    }
    run_batch();
  }
}

void writer::impl::stop_thread() {
  {
    const std::lock_guard guard(mutex);
    closing = true;
  }
  work_came.notify_all();
  room_came.notify_all();
  if (thread.joinable()) thread.join();
}

writer::writer(std::unique_ptr<impl> i) : impl_(std::move(i)) {
  if (impl_->how == mode::threaded) impl_->thread = std::thread([&state = *impl_] { state.loop(); });
}

writer::~writer() {
  {
    const std::lock_guard guard(impl_->mutex);
    impl_->abandoned = true;
  }
  impl_->stop_thread();
}

std::unique_ptr<writer> writer::start(store s, mode m, completion_executor completions) {
  return std::unique_ptr<writer>(new writer(std::make_unique<impl>(std::move(s), m, std::move(completions))));
}

void writer::post(tasks all) {
  std::vector<item> items;
  items.reserve(all.size());
  for (auto& one : all)
    items.push_back({std::move(one)});
  impl_->add(std::move(items));
}

/// Queues urgent work.
void writer::impl::add(std::vector<item> items) {
  {
    const std::lock_guard guard(mutex);
    if (!closing) {
      std::ranges::move(items, std::back_inserter(urgent));
      work_came.notify_one();
      return;
    }
  }
  tell(std::move(items), after_close());
}

result<void> writer::run(work w) {
  std::promise<result<void>> committed;
  auto told = committed.get_future();
  std::vector<item> one;
  one.push_back({make_task(std::move(w), [](const result<void>&) {}), 0, &committed});
  impl_->add(std::move(one));
  while (impl_->how == mode::manual && pump())
    ;
  return told.get();
}

bool writer::post_bounded(std::size_t bytes, std::unique_ptr<task> one) {
  std::unique_lock guard(impl_->mutex);
  impl_->room_came.wait(guard, [&] {
    const bool fits = impl_->bulk_bytes == 0 || impl_->bulk_bytes + bytes <= queued_bulk_bytes;
    return fits || impl_->how == mode::manual || impl_->failed || impl_->closing;
  });
  if (impl_->failed || impl_->closing) return false;
  impl_->bulk.push_back({std::move(one), bytes});
  impl_->bulk_bytes += bytes;
  impl_->work_came.notify_one();
  return true;
}

bool writer::pump() {
  return impl_->run_batch();
}

result<void> writer::close() {
  if (impl_->close_result) return *impl_->close_result;
  impl_->stop_thread();
  while (impl_->run_batch())
    ;
  impl_->close_result = impl_->failed ? result<void>(*impl_->failed) : impl_->ledger.close();
  return *impl_->close_result;
}

std::uint64_t writer::commits() const {
  return impl_->commits;
}

} // namespace mcbatch::ledger
