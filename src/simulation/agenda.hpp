#ifndef MCBATCH_SRC_SIMULATION_AGENDA_HPP
#define MCBATCH_SRC_SIMULATION_AGENDA_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

namespace mcbatch::simulation {

enum class happening : std::uint8_t {
  start,    ///< a run begins
  kill,     ///< a run dies
  wake,     ///< a run's wait is over
  arrive,   ///< an exchange's request is counted by the service
  end,      ///< an exchange is over for its run
  stranger, ///< somebody else's request arrives
};

struct appointment {
  instant at;
  std::uint64_t number; ///< what was put down first happens first
  happening what;
  std::uint32_t who;   ///< a run or an exchange
  std::uint64_t which; ///< of a run's waits
};

/// What is to happen, soonest first.
class agenda {
public:
  void add(instant at, happening what, std::uint32_t who = 0, std::uint64_t which = 0) {
    queue_.push({at, ++number_, what, who, which});
  }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] instant next() const { return queue_.top().at; }
  appointment take() {
    const auto first = queue_.top();
    queue_.pop();
    return first;
  }

private:
  struct later {
    bool operator()(const appointment& a, const appointment& b) const {
      return std::tie(a.at, a.number) > std::tie(b.at, b.number);
    }
  };
  std::priority_queue<appointment, std::vector<appointment>, later> queue_;
  std::uint64_t number_ = 0;
};

} // namespace mcbatch::simulation

#endif
