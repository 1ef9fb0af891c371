#ifndef MCBATCH_REPORT_FOLLOWING_HPP
#define MCBATCH_REPORT_FOLLOWING_HPP

#include <mcbatch/track/event_counts.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace mcbatch::report {

/// What requests about conversions came to.
struct poll_counts {
  std::uint64_t sent = 0, rate_limited = 0, failed = 0;
  std::map<int, std::uint64_t> by_status;
};

/// How a run followed conversions.
struct following {
  poll_counts polls;
  std::uint64_t missing = 0;                 ///< jobs that the service did not know
  std::optional<track::event_counts> events; ///< nothing where none were taken
};

/// {"sent":0,"by_status":{"200":0},"rate_limited":0,"failed":0}
nlohmann::ordered_json polls_json(const poll_counts& polls);

/// {"news":0,"no_news":0,"proofs":0,"early":0,"unproven":0,"malformed":0}, or null.
nlohmann::ordered_json events_json(const std::optional<track::event_counts>& events);

/// "12 requests and 34 events about conversions, 2 events refused". Empty where there were none.
std::string following_text(const following& f);

} // namespace mcbatch::report

#endif
