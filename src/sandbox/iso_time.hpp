#ifndef MCBATCH_SANDBOX_ISO_TIME_HPP
#define MCBATCH_SANDBOX_ISO_TIME_HPP

#include <mcbatch/core/time.hpp>

#include <string>

namespace mcbatch::sandbox {

/// As the documentation shows times: "2024-01-15T10:30:00Z".
std::string iso_seconds(wall_time t);

/// "2024-01-15T10:30:00.000000Z".
std::string iso_micros(wall_time t);

} // namespace mcbatch::sandbox

#endif
