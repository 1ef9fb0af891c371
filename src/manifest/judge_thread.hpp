#ifndef MCBATCH_MANIFEST_JUDGE_THREAD_HPP
#define MCBATCH_MANIFEST_JUDGE_THREAD_HPP

#include "manifest/judge.hpp"
#include "manifest/splitter.hpp"

#include <mcbatch/core/error.hpp>
#include <mcbatch/manifest/entry.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mcbatch::manifest {

/// Entries that were cut out one after the other, and what became of them.
struct judged_batch {
  struct cut_entry {
    draft cut;
    std::string text;       ///< what `cut.text` had, which lives no longer
    std::uint64_t line = 0; ///< at which the manifest was read when it was cut out
  };
  std::vector<cut_entry> entries;
  std::vector<item> items; ///< one for each, once they are judged
  std::size_t bytes = 0;   ///< about what the entries take
  bool last = false;
  std::optional<failure> broken; ///< why nothing follows the last batch, where something should

  void add(draft d, std::uint64_t line);
  [[nodiscard]] bool is_full() const;
};

/// Judges batches in a thread of its own, while others are cut out and used; and in the thread that would wait for them
/// as well. But for its own thread, it belongs to one.
class judge_thread {
public:
  /// A judge for each thread: they are alike.
  judge_thread(judge here, judge there);
  judge_thread(const judge_thread&) = delete;
  judge_thread& operator=(const judge_thread&) = delete;
  ~judge_thread();

  void post(judged_batch b);

  /// How many were posted and not taken.
  [[nodiscard]] std::size_t on_their_way() const { return on_their_way_; }

  /// The oldest of those: there is one. Throws what judging it threw.
  judged_batch take();

private:
  struct place {
    enum class state : std::uint8_t { waits, is_on, done } is = state::waits;
    judged_batch batch;
  };

  void run();
  void judge_all(judge& with, place& p, std::unique_lock<std::mutex>& lock);

  judge here_;
  judge there_;
  std::size_t on_their_way_ = 0;

  // Guarded by the mutex, but for the batch of a place that is on.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<place> places_; ///< in the order of the manifest
  std::exception_ptr fault_;
  bool stops_ = false;

  std::thread thread_;
};

} // namespace mcbatch::manifest

#endif
