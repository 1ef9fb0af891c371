#ifndef MCBATCH_SANDBOX_JOB_RANDOM_HPP
#define MCBATCH_SANDBOX_JOB_RANDOM_HPP

#include <mcbatch/core/random.hpp>

#include <cstdint>
#include <string_view>

namespace mcbatch::sandbox {

/// What chance says of one job: the same whenever it is asked, and on every machine (FNV-1a).
inline random_source random_of(std::string_view job_id, std::uint64_t seed) {
  std::uint64_t h = 14695981039346656037U ^ seed;
  for (const auto c : job_id)
    h = (h ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return random_source(h);
}

} // namespace mcbatch::sandbox

#endif
