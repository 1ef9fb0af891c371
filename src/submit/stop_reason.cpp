#include <mcbatch/submit/stop_reason.hpp>

namespace mcbatch::submit {

std::string_view to_string(stop_reason reason) noexcept {
  switch (reason) {
  case stop_reason::done:
    return "done";
  case stop_reason::signal:
    return "signal";
  case stop_reason::max_duration:
    return "max_duration";
  case stop_reason::max_jobs:
    return "max_jobs";
  case stop_reason::max_cost:
    return "max_cost";
  case stop_reason::unauthorized:
    return "unauthorized";
  case stop_reason::forbidden:
    return "forbidden";
  case stop_reason::payment_required:
    return "payment_required";
  case stop_reason::redirected:
    return "redirected";
  case stop_reason::outage:
    return "outage";
  case stop_reason::tls:
    return "tls";
  case stop_reason::ledger:
    return "ledger";
  }
  return "unknown";
}

} // namespace mcbatch::submit
