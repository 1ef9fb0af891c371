#ifndef MCBATCH_SRC_SIMULATION_SHARED_MEMORY_LOG_HPP
#define MCBATCH_SRC_SIMULATION_SHARED_MEMORY_LOG_HPP

#include <mcbatch/submit/event_log.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <set>

namespace mcbatch::simulation {

/// The account's state file of a simulation: it outlives the runs, and forgets what is older than `memory`.
struct account_memory {
  duration memory;
  std::deque<quota::event> events{};
  std::uint64_t forgotten = 0; ///< events that were there before the first
  std::set<std::uint64_t> dead{};
};

/// One run's view of it.
class shared_memory_log : public submit::event_log {
public:
  explicit shared_memory_log(account_memory& all) : all_(all) {}

  void lock() override {}
  void unlock() override {}
  result<std::vector<quota::event>> read_new(now_pair now) override;
  result<void> append(std::span<const quota::event> events, now_pair now) override;
  [[nodiscard]] bool is_alive(std::uint64_t process) const override { return !all_.dead.contains(process); }

private:
  account_memory& all_;
  std::uint64_t read_ = 0; ///< events, forgotten ones included
};

} // namespace mcbatch::simulation

#endif
