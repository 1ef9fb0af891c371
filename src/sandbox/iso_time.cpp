#include "sandbox/iso_time.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace mcbatch::sandbox {

std::string iso_seconds(wall_time t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::floor<std::chrono::seconds>(t)));
}

std::string iso_micros(wall_time t) {
  auto text = iso_seconds(t);
  text.pop_back();
  return fmt::format("{}.{:06}Z", text, (t - std::chrono::floor<std::chrono::seconds>(t)).count());
}

} // namespace mcbatch::sandbox
