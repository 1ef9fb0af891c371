#ifndef MCBATCH_CLI_LEDGER_LOOK_HPP
#define MCBATCH_CLI_LEDGER_LOOK_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/survey.hpp>
#include <mcbatch/loop/event_loop.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <thread>

namespace mcbatch::cli {

/// Looks at the whole of a ledger that this process writes, on a thread of its own and by a connection that only reads:
/// that may take seconds, and nobody is held up.
class ledger_look {
public:
  /// Of problems of each kind, and of jobs in each of these.
  static constexpr std::size_t most_groups = 30, most_places = 3;

  struct seen {
    result<ledger::survey> what;
    wall_time at; ///< when it began: what it shows is of that moment
    duration took;
  };

  ledger_look(io_executor executor, std::filesystem::path ledger)
      : executor_(std::move(executor)), ledger_(std::move(ledger)) {}
  /// Waits for the end of a look.
  ~ledger_look() { wait(); }
  ledger_look(const ledger_look&) = delete;
  ledger_look& operator=(const ledger_look&) = delete;

  /// `done` is called on the executor. One look at a time.
  void begin(std::function<void(const seen&)> done);

  /// Waits until no thread of this looks any more; `done` may be still to come.
  void wait();

private:
  io_executor executor_;
  std::filesystem::path ledger_;
  std::thread thread_;
};

} // namespace mcbatch::cli

#endif
