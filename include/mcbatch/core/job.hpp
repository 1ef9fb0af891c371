#ifndef MCBATCH_CORE_JOB_HPP
#define MCBATCH_CORE_JOB_HPP

#include <mcbatch/core/time.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch {

/// The identity of a job: the first 128 bits of a SHA-256 over what identifies its manifest entry.
struct job_key {
  std::array<unsigned char, 16> bytes{};
  friend auto operator<=>(const job_key&, const job_key&) = default;
};

/// 32 lower-case hexadecimal digits.
std::string to_hex(const job_key& key);

/// The key that `to_hex` wrote; nothing for any other text.
std::optional<job_key> job_key_from_hex(std::string_view text);

/// Where a job stands. The numbers are stored in ledgers: never change one, never use one again.
enum class job_state : std::uint8_t {
  pending = 0,   ///< not sent, or certainly not processed
  sending = 1,   ///< committed intent: bytes may have left
  submitted = 2, ///< the service answered 2xx with an id
  rejected = 3,  ///< the service refused this job for good
  in_doubt = 4,  ///< a byte left and no whole, meaningful answer came
  invalid = 5,   ///< the manifest entry is no valid job
  expired = 6,   ///< its presigned URL would be dead on arrival, so it was not sent
};

inline constexpr std::array all_job_states{job_state::pending,  job_state::sending,  job_state::submitted,
                                           job_state::rejected, job_state::in_doubt, job_state::invalid,
                                           job_state::expired};

/// "pending", "in_doubt", ...: as in exports and summaries.
std::string_view to_string(job_state state) noexcept;
std::optional<job_state> job_state_from_string(std::string_view text) noexcept;

/// How many jobs are in each state.
class state_counts {
public:
  std::uint64_t& operator[](job_state s) { return counts_[static_cast<std::size_t>(s)]; }
  std::uint64_t operator[](job_state s) const { return counts_[static_cast<std::size_t>(s)]; }
  [[nodiscard]] std::uint64_t total() const;

private:
  std::array<std::uint64_t, all_job_states.size()> counts_{};
};

/// One job on its way: what the scheduler and the submitter carry between ledger and service.
struct job {
  std::int64_t id = 0; ///< the ledger's row
  job_key key;
  std::string body;                         ///< what is sent: one JSON object
  std::uint32_t attempts = 0;               ///< tries that counted, before this one
  std::uint32_t generation = 0;             ///< how often `retry --rejected` began anew: part of the Idempotency-Key
  bool doubted = false;                     ///< an earlier try may have been accepted: a refusal then settles nothing
  std::optional<wall_time> expires_at = {}; ///< the earliest end of life of its presigned URLs
};

} // namespace mcbatch

#endif
