#include <mcbatch/core/job.hpp>

#include <numeric>

namespace mcbatch {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

} // namespace

std::string to_hex(const job_key& key) {
  std::string text(2 * key.bytes.size(), '0');
  auto* next = text.data();
  for (const auto byte : key.bytes) {
    *next++ = digits[std::size_t{byte} >> 4];
    *next++ = digits[std::size_t{byte} & 15];
  }
  return text;
}

std::optional<job_key> job_key_from_hex(std::string_view text) {
  job_key key;
  if (text.size() != 2 * key.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = digits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    auto& byte = key.bytes[i / 2];
    byte = static_cast<unsigned char>(std::size_t{byte} << 4 | digit);
  }
  return key;
}

std::string_view to_string(job_state state) noexcept {
  switch (state) {
  case job_state::pending:
    return "pending";
  case job_state::sending:
    return "sending";
  case job_state::submitted:
    return "submitted";
  case job_state::rejected:
    return "rejected";
  case job_state::in_doubt:
    return "in_doubt";
  case job_state::invalid:
    return "invalid";
  case job_state::expired:
    return "expired";
  }
  return "unknown";
}

std::optional<job_state> job_state_from_string(std::string_view text) noexcept {
  for (const auto state : all_job_states)
    if (to_string(state) == text) return state;
  return std::nullopt;
}

std::uint64_t state_counts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

} // namespace mcbatch
