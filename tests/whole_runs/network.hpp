#ifndef MCBATCH_TESTS_WHOLE_RUNS_NETWORK_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_NETWORK_HPP

#include "whole_runs/agenda.hpp"
#include "whole_runs/plan.hpp"
#include "whole_runs/service_side.hpp"
#include "whole_runs/virtual_time.hpp"

#include <mcbatch/api/client.hpp>
#include <mcbatch/core/random.hpp>
#include <mcbatch/loop/event_loop.hpp>

#include <cstdint>
#include <memory>
#include <set>

namespace mcbatch::whole_runs {

/// What is around the program, whether it lives or not.
struct surroundings {
  virtual_time& time;
  agenda& events;
  service_side& service;
};

/// The way to the service and back, for one life of the program: the transport that its client gets. What has left
/// arrives, or does not, even if the program has died since.
class network {
public:
  network(io_executor executor, surroundings around, weather how, duration timeout, random_source chance);
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  /// As net::pool does it.
  awaitable<net::exchange_result> exchange(request r, net::before_send ready);
  void close_all();

  /// Of how many requests the first byte has left.
  [[nodiscard]] std::uint64_t left() const { return left_; }

private:
  struct fate;
  struct line; // an exchange under way
  struct life;

  fate draw_fate();
  duration draw(duration least, duration most);
  awaitable<void> stay(std::shared_ptr<line> l, instant until);
  void leave(const std::shared_ptr<line>& l, request r, fate f, duration patience);

  io_executor executor_;
  surroundings around_;
  weather how_;
  duration timeout_;
  random_source chance_;
  std::set<std::shared_ptr<line>> lines_;
  std::shared_ptr<life> life_;
  std::uint64_t left_ = 0;
};

} // namespace mcbatch::whole_runs

#endif
