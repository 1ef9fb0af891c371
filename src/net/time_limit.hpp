#ifndef MCBATCH_NET_TIME_LIMIT_HPP
#define MCBATCH_NET_TIME_LIMIT_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/core/time.hpp>

#include <string>

namespace mcbatch::net {

/// One exchange's deadline, and how long it was allowed to take, for its sentence.
struct time_limit {
  instant at;
  duration allowed;

  [[nodiscard]] bool passed() const { return std::chrono::steady_clock::now() >= at; }

  /// `what` is the beginning of a sentence: "example.com:443 did not answer".
  [[nodiscard]] failure failed(const std::string& what) const {
    return {errc::timed_out, what + " within " + format_duration(allowed) + "; --timeout allows more"};
  }
};

} // namespace mcbatch::net

#endif
