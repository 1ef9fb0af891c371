#ifndef MCBATCH_TESTS_SIMULATION_SUPPORT_HPP
#define MCBATCH_TESTS_SIMULATION_SUPPORT_HPP

#include <mcbatch/simulation/simulation.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

namespace mcbatch::simulation::test {

inline constexpr std::array all_tiers{quota::tier::free, quota::tier::basic, quota::tier::pro, quota::tier::enterprise};

inline constexpr std::array<std::pair<std::string_view, sandbox::window_kind>, 3> readings{
    {{"fixed", sandbox::window_kind::fixed},
     {"sliding", sandbox::window_kind::sliding},
     {"bucket", sandbox::window_kind::bucket}}};

/// An instant that falls on an hour.
inline constexpr wall_time an_hour{std::chrono::seconds(1705316400)};

/// A service of that tier, and one run on it that never runs out of jobs.
plan plan_of(quota::tier t, sandbox::window_kind reading, sandbox::header_kind headers, std::uint64_t seed);

/// Does `work` for 1 to `n`, on all processors. What fails in it is to be collected under a lock.
void for_each_seed(std::uint64_t n, const std::function<void(std::uint64_t)>& work);

double seconds(duration d);

} // namespace mcbatch::simulation::test

#endif
