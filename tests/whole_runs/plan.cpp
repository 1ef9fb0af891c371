#include "whole_runs/plan.hpp"

#include <mcbatch/core/random.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace mcbatch::whole_runs {
namespace {

using namespace std::chrono_literals;

class drawer {
public:
  explicit drawer(std::uint64_t seed) : random_(seed) {}

  bool chance(double p) { return random_.unit() < p; }

  /// From `least` to `most`, both included.
  std::uint64_t number(std::uint64_t least, std::uint64_t most) {
    return least + static_cast<std::uint64_t>(random_.unit() * static_cast<double>(most - least + 1));
  }

  /// As many of 1 to 10 as of 10 to 100.
  std::uint64_t magnitude(double most) { return static_cast<std::uint64_t>(std::pow(most, random_.unit())); }

  duration time(duration least, duration most) { return least + random_.up_to(most - least); }

  /// Mostly nothing, else up to `most`.
  double rarely(double most) { return chance(0.6) ? 0 : random_.unit() * most; }

  template <class T, std::size_t N>
  T one_of(const std::array<T, N>& all) {
    return all[number(0, N - 1)];
  }

  std::uint64_t seed() { return number(0, UINT64_MAX / 2); }

private:
  random_source random_;
};

/// What the service does wrong: single refusals and failures, and bursts of them.
std::string draw_faults(drawer& draw) {
  std::string spec;
  const auto add = [&](const std::string& rule) { spec += (spec.empty() ? "" : ",") + rule; };
  const auto burst = [&] {
    const auto first = draw.number(1, 25);
    return "@" + std::to_string(first) + "-" + std::to_string(first + draw.number(1, 12));
  };
  static constexpr std::array single{"500",  "500+", "502", "503",  "408",  "425",       "422", "403",
                                     "noid", "html", "429", "lost", "drop", "truncated", "hang"};
  for (auto n = draw.number(0, 3); n > 0; --n)
    add(std::string(draw.one_of(single)) + ":" + std::to_string(0.01 * static_cast<double>(draw.number(1, 20))));
  static constexpr std::array bursts{"all/429", "all/503", "all/500", "500+", "all/500+", "408", "403", "html", "lost"};
  for (auto n = draw.number(0, 2); n > 0; --n)
    add(draw.one_of(bursts) + burst());
  static constexpr std::array stops{"401", "402", "redirect"};
  if (draw.chance(0.15)) add(std::string(draw.one_of(stops)) + "@" + std::to_string(draw.number(1, 20)));
  if (draw.chance(0.3)) add("retry-after");
  return spec;
}

sandbox::service_options draw_service(drawer& draw) {
  sandbox::service_options o;
  const auto window = draw.one_of(std::array<duration, 3>{5s, 20s, 60s});
  o.limits = {{draw.number(2, 12), window}};
  if (draw.chance(0.3)) o.limits.push_back({draw.number(10, 30), 5min});
  o.window =
      draw.one_of(std::array{sandbox::window_kind::fixed, sandbox::window_kind::sliding, sandbox::window_kind::bucket});
  o.headers =
      draw.one_of(std::array{sandbox::header_kind::hour, sandbox::header_kind::minute, sandbox::header_kind::none});
  o.faults = draw_faults(draw);
  o.seed = draw.seed();
  if (draw.chance(0.3)) o.clock_skew = draw.time(-10h, 10h);
  return o;
}

weather draw_weather(drawer& draw) {
  weather w;
  w.unreachable = draw.rarely(0.3);
  w.request_cut = draw.rarely(0.2);
  w.black_hole = draw.rarely(0.15);
  w.answer_cut = draw.rarely(0.2);
  w.half_closed = draw.rarely(0.2);
  w.same_id = draw.chance(0.1) ? 0.3 : 0;
  w.slowest = draw.one_of(std::array<duration, 4>{10ms, 200ms, 1s, 3s});
  return w;
}

life_plan draw_life(drawer& draw) {
  life_plan life;
  static constexpr std::array ends{ending::killed,  ending::killed,        ending::killed, ending::power_lost,
                                   ending::stopped, ending::stopped_twice, ending::done};
  life.ends = draw.one_of(ends);
  life.steps = draw.magnitude(2500);
  life.stopped_after = draw.time(0s, 30s);
  life.again_after = draw.time(0s, 3s);
  if (draw.chance(0.15)) life.disk_fails_at = draw.magnitude(400);
  life.disk_full = draw.chance(0.5);
  life.disk_recovers = draw.chance(0.5);
  life.resubmit_in_doubt = draw.chance(0.1);
  life.retry_in_doubt_first = draw.chance(0.1);
  life.pause = draw.chance(0.5) ? 0s : draw.time(0s, 90s);
  life.slowest_commit = draw.chance(0.5) ? 5ms : 400ms;
  life.network = draw_weather(draw);
  return life;
}

} // namespace

plan plan_of(std::uint64_t seed) {
  drawer draw(seed);
  plan p;
  p.seed = seed;
  p.jobs = draw.number(1, 24);
  p.max_in_flight = draw.one_of(std::array<std::size_t, 4>{1, 2, 4, 16});
  p.timeout = draw.one_of(std::array<duration, 2>{2s, 10s});
  p.service = draw_service(draw);
  for (auto n = draw.number(1, 4); n > 0; --n)
    p.lives.push_back(draw_life(draw));
  p.lives.push_back({});
  p.lives.back().network.slowest = 200ms;
  p.lives.back().slowest_commit = 5ms;
  for (auto n = draw.chance(0.4) ? draw.number(1, 3) : 0; n > 0; --n) {
    incident i;
    i.at = draw.time(0s, 3min);
    if (draw.chance(0.4)) i.sleeps = draw.time(0s, 2min);
    if (draw.chance(0.8)) i.civil_clock_ahead = draw.time(-30h, 30h);
    p.incidents.push_back(i);
  }
  std::ranges::sort(p.incidents, {}, &incident::at);
  return p;
}

} // namespace mcbatch::whole_runs
