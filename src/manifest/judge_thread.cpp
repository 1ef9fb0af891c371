#include "manifest/judge_thread.hpp"

#include <algorithm>
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

judge_thread::judge_thread(judge here, judge there)
    : here_(std::move(here)), there_(std::move(there)), thread_([this] { run(); }) {}

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
    places_.push_back({place::state::waits, std::move(b)});
  }
  changed_.notify_all();
}

judged_batch judge_thread::take() {
  std::unique_lock lock(mutex_);
  while (places_.front().is != place::state::done) {
    if (fault_) std::rethrow_exception(fault_);
    // The youngest is the one that the other thread comes to last.
    if (places_.back().is == place::state::waits)
      judge_all(here_, places_.back(), lock);
    else
      changed_.wait(lock);
  }
  auto oldest = std::move(places_.front().batch);
  places_.pop_front();
  --on_their_way_;
  return oldest;
}

void judge_thread::run() {
  const auto waits = [](const place& p) { return p.is == place::state::waits; };
  std::unique_lock lock(mutex_);
  while (!stops_) {
    const auto next = std::find_if(places_.begin(), places_.end(), waits);
    if (next == places_.end()) {
      changed_.wait(lock);
      continue;
    }
    try {
      judge_all(there_, *next, lock);
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      fault_ = std::current_exception();
      stops_ = true;
    }
    changed_.notify_all();
  }
}

/// Without the lock meanwhile: a deque leaves in their places what it does not add or take.
void judge_thread::judge_all(judge& with, place& p, std::unique_lock<std::mutex>& lock) {
  p.is = place::state::is_on;
  lock.unlock();
  auto& batch = p.batch;
  batch.items.reserve(batch.entries.size());
  for (auto& e : batch.entries) {
    e.cut.text = e.text;
    batch.items.push_back(with(std::move(e.cut)));
  }
  lock.lock();
  p.is = place::state::done;
}

} // namespace mcbatch::manifest
