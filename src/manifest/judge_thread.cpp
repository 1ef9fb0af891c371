#include "manifest/judge_thread.hpp"

#include <utility>

namespace mcbatch::manifest {
namespace {

// Large enough that handing over costs nothing, small enough for the processor's caches.
constexpr std::size_t most_entries = 512;
constexpr std::size_t most_bytes = std::size_t{256} * 1024;

} // namespace

void judged_batch::add(draft d, std::uint64_t line) {
  if (entries.empty()) entries.reserve(most_entries);
  bytes += d.body.size() + d.text.size();
  std::string text(d.text);
  entries.push_back({std::move(d), std::move(text), line});
}

bool judged_batch::is_full() const {
  return entries.size() >= most_entries || bytes >= most_bytes;
}

judge_thread::judge_thread(judge j) : judge_(std::move(j)), thread_([this] { run(); }) {}

judge_thread::~judge_thread() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void judge_thread::post(judged_batch b) {
  ++on_their_way_;
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(b));
  }
  changed_.notify_all();
}

judged_batch judge_thread::take() {
  --on_their_way_;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !judged_.empty() || fault_; });
  if (judged_.empty()) std::rethrow_exception(fault_);
  auto oldest = std::move(judged_.front());
  judged_.pop_front();
  return oldest;
}

void judge_thread::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stops_ || !posted_.empty(); });
    if (stops_) return;
    auto next = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    std::exception_ptr fault;
    try {
      judge_all(next);
    } catch (...) {
      fault = std::current_exception();
    }
    lock.lock();
    fault_ = fault;
    if (!fault) judged_.push_back(std::move(next));
    changed_.notify_all();
    if (fault) return;
  }
}

void judge_thread::judge_all(judged_batch& b) {
  b.items.reserve(b.entries.size());
  for (auto& e : b.entries) {
    e.cut.text = e.text;
    b.items.push_back(judge_(std::move(e.cut)));
  }
}

} // namespace mcbatch::manifest
