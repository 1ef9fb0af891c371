#ifndef MCBATCH_SUBMIT_EVENT_LOG_HPP
#define MCBATCH_SUBMIT_EVENT_LOG_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/event.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace mcbatch::submit {

/// The quota's events of all processes of an account, as one of them reads and appends them.
///
/// `lock` and `unlock` (std::lock_guard) keep the other processes out.
class event_log {
public:
  virtual ~event_log() = default;

  virtual void lock() = 0;
  virtual void unlock() = 0;

  /// What has been appended since the last call, by others and by us. Locked.
  virtual result<std::vector<quota::event>> read_new(now_pair now) = 0;

  /// Appends. Under the lock under which `read_new` was called last.
  virtual result<void> append(std::span<const quota::event> events, now_pair now) = 0;

  /// Whether that process, another than ours, still runs.
  [[nodiscard]] virtual bool is_alive(std::uint64_t process) const = 0;
};

} // namespace mcbatch::submit

#endif
