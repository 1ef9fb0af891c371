#ifndef MCBATCH_TESTS_WHOLE_RUNS_AGENDA_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_AGENDA_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace mcbatch::whole_runs {

/// What is to happen in the world around the program, soonest first.
class agenda {
public:
  void add(instant at, std::function<void()> happens) { all_.emplace(std::pair(at, ++number_), std::move(happens)); }

  [[nodiscard]] std::optional<instant> next() const {
    return all_.empty() ? std::nullopt : std::optional(all_.begin()->first.first);
  }

  std::function<void()> take() {
    auto first = std::move(all_.begin()->second);
    all_.erase(all_.begin());
    return first;
  }

private:
  std::map<std::pair<instant, std::uint64_t>, std::function<void()>> all_;
  std::uint64_t number_ = 0;
};

} // namespace mcbatch::whole_runs

#endif
