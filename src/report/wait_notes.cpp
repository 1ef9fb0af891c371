#include <mcbatch/report/wait_notes.hpp>

#include <mcbatch/core/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <algorithm>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

constexpr duration shortest_wait = 2s;
constexpr duration between_writes = 1s;

std::string name_of(submit::waiting what) {
  if (what == submit::waiting::window) return "window";
  if (what == submit::waiting::pause) return "pause";
  if (what == submit::waiting::outage) return "outage";
  return {};
}

std::string limit_text(duration window, const std::vector<quota::limit>& limits) {
  const auto rule = std::ranges::find(limits, window, &quota::limit::window);
  return rule == limits.end() ? format_duration(window) : quota::to_string(*rule);
}

} // namespace

bool wait_notes::update(const submit::wait_state& wait, const std::vector<quota::limit>& limits, now_pair now) {
  if (noted_ && *noted_->until <= now.mono) noted_.reset(); // who reads it sees that it is past
  if (noted_ == wait || now.mono < next_write_) return false;
  const auto name = name_of(wait.what);
  const bool lasts = !name.empty() && wait.until && *wait.until - now.mono > shortest_wait;
  if (!lasts && !noted_) return false;
  noted_.reset();
  note_.reset();
  next_write_ = now.mono + between_writes;
  if (!lasts) return true;
  noted_ = wait;
  const bool bound = wait.what == submit::waiting::window;
  note_ = {name, bound ? limit_text(wait.window, limits) : std::string(), submit::at_wall(*wait.until, now)};
  return true;
}

} // namespace mcbatch::report
