#ifndef MCBATCH_TESTS_QUOTA_SIMULATION_HPP
#define MCBATCH_TESTS_QUOTA_SIMULATION_HPP

#include <mcbatch/quota/governor.hpp>

#include <functional>
#include <map>
#include <vector>

namespace mcbatch::quota::test {

/// When every simulation begins.
inline constexpr instant start{std::chrono::hours(1000)};

struct network {
  duration longest_way = std::chrono::milliseconds(200); // there or back; each is drawn anew
  double lost = 0;                                       // how many of the requests get no answer
  std::size_t max_in_flight = 64;
};

struct answer {
  bool refused = false;
  rate_info rate;
};

/// Sends as much as a governor lets through, in virtual time, to a server that counts each request at some moment
/// between its leaving and its answer.
class simulation {
public:
  using server = std::function<answer(instant)>;

  simulation(governor& g, network n, server s, random_source random)
      : governor_(g), network_(n), server_(std::move(s)), random_(random) {}

  /// Runs to that time. Fails the test if the governor stalls: says no, and neither until when nor for which answer.
  void run_until(instant end);

  /// When the server counted each request, in order. One that was lost may be counted after it was given up on.
  [[nodiscard]] std::vector<instant> counted() const;
  [[nodiscard]] const std::vector<instant>& left() const { return left_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }

private:
  void send();
  void at(instant when, std::function<void()> what) { agenda_.emplace(when, std::move(what)); }
  duration way();

  governor& governor_;
  network network_;
  server server_;
  random_source random_;
  instant now_ = start;
  std::multimap<instant, std::function<void()>> agenda_;
  std::size_t in_flight_ = 0, refused_ = 0;
  std::vector<instant> left_, counted_;
};

/// The most requests that any window of that length holds.
std::size_t most_in_any(const std::vector<instant>& counted, duration window);

} // namespace mcbatch::quota::test

#endif
