#ifndef MCBATCH_LEDGER_RECORD_HPP
#define MCBATCH_LEDGER_RECORD_HPP

#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::ledger {

/// The `error` of a job that was in flight when its run died: when that try ended is not known.
inline constexpr std::string_view interrupted = "interrupted";

/// One job as the ledger knows it. Texts are empty where nothing is known.
struct record {
  std::optional<job_key> key; ///< none for an invalid entry
  std::string manifest;
  std::uint64_t line = 0;
  job_state state = job_state::pending;
  std::string job_id;
  int http_status = 0; ///< of the last answer; 0: there was none
  std::string error;   ///< the last answer's; "invalid" for an invalid entry
  std::string message; ///< the last answer's; what is wrong with an invalid entry, joined by "; "
  std::uint32_t attempts = 0;
  std::optional<wall_time> sent_at;     ///< of the last try
  std::optional<wall_time> answered_at; ///< when the last answer, or that there is none, was recorded
  std::optional<wall_time> submitted_at;
  std::optional<std::int64_t> estimated_cost_micros; ///< millionths of a euro
  std::string job_type;                              ///< empty where an earlier mcbatch read the entry
  std::optional<mcbatch::conversion> conversion;     ///< of a submitted job, where more was heard than its acceptance
  std::string body;                                  ///< what is sent; as read for an invalid entry
  std::size_t own_size = 0; ///< the entry as read is so many bytes of `body` and a closing brace; 0: all of `body`
};

struct record_filter {
  std::vector<job_state> states; ///< empty: all
};

} // namespace mcbatch::ledger

#endif
