#include <mcbatch/core/outcome.hpp>

namespace mcbatch {

std::string_view to_string(meaning m) noexcept {
  switch (m) {
  case meaning::accepted:
    return "accepted";
  case meaning::unclear_success:
    return "unclear_success";
  case meaning::rate_limited:
    return "rate_limited";
  case meaning::try_later:
    return "try_later";
  case meaning::unavailable:
    return "unavailable";
  case meaning::unauthorized:
    return "unauthorized";
  case meaning::payment_required:
    return "payment_required";
  case meaning::forbidden:
    return "forbidden";
  case meaning::redirected:
    return "redirected";
  case meaning::refused:
    return "refused";
  case meaning::server_error:
    return "server_error";
  case meaning::not_sent:
    return "not_sent";
  case meaning::untrusted:
    return "untrusted";
  case meaning::lost:
    return "lost";
  }
  return "unknown";
}

job_state state_after(meaning m) noexcept {
  switch (m) {
  case meaning::accepted:
    return job_state::submitted;
  case meaning::rate_limited:
  case meaning::try_later:
  case meaning::unavailable:
  case meaning::unauthorized:
  case meaning::payment_required:
  case meaning::redirected:
  case meaning::not_sent:
  case meaning::untrusted:
    return job_state::pending;
  case meaning::forbidden:
  case meaning::refused:
    return job_state::rejected;
  case meaning::unclear_success:
  case meaning::server_error:
  case meaning::lost:
    return job_state::in_doubt;
  }
  return job_state::in_doubt;
}

bool feeds_breaker(meaning m) noexcept {
  return m == meaning::unavailable || m == meaning::server_error || m == meaning::not_sent || m == meaning::lost;
}

} // namespace mcbatch
