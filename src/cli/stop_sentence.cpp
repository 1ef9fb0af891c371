#include "cli/stop_sentence.hpp"

#include <mcbatch/report/text.hpp>

#include <fmt/format.h>

namespace mcbatch::cli {
using submit::stop_reason;

std::string words_of(const outcome& o) {
  std::string words = o.http_status != 0 ? std::to_string(o.http_status) : "";
  for (const auto& part : {o.error, o.message}) {
    if (part.empty()) continue;
    if (!words.empty()) words += part == o.error ? " " : ": ";
    words += part;
  }
  return words.empty() ? "" : " (" + words + ")";
}

exit_code exit_code_of(stop_reason reason) noexcept {
  switch (reason) {
  case stop_reason::done:
    return exit_code::ok;
  case stop_reason::signal:
  case stop_reason::max_duration:
  case stop_reason::max_jobs:
  case stop_reason::max_cost:
    return exit_code::stopped_early;
  case stop_reason::unauthorized:
  case stop_reason::forbidden:
  case stop_reason::payment_required:
    return exit_code::refused;
  case stop_reason::redirected:
  case stop_reason::outage:
  case stop_reason::tls:
    return exit_code::unavailable;
  case stop_reason::ledger:
    return exit_code::cannot_write;
  }
  return exit_code::unavailable;
}

std::string stop_sentence(stop_reason reason, const std::optional<outcome>& by, duration max_outage) {
  const auto words = by ? words_of(*by) : std::string();
  switch (reason) {
  case stop_reason::done:
    return {};
  case stop_reason::signal:
    return "Stopped by a signal.";
  case stop_reason::max_duration:
    return "Stopped: the time given by --max-duration is over.";
  case stop_reason::max_jobs:
    return "Stopped: as many jobs as --max-jobs allows are submitted.";
  case stop_reason::max_cost:
    return "Stopped: one more job could cost more than --max-cost allows. What is in doubt counts as if it were paid "
           "for: "
           "mcbatch reconcile may settle it.";
  case stop_reason::unauthorized:
    return "Stopped: the service refused the token" + words + ". Get a good one and run the same command again.";
  case stop_reason::forbidden:
    return "Stopped: the service forbids one job after another" + words +
           ". Look whether the token may create jobs and the tier allows them.";
  case stop_reason::payment_required:
    return "Stopped: the account has no credit" + words + ". Add some and run the same command again.";
  case stop_reason::redirected:
    return "Stopped: the service redirects elsewhere" + words +
           ", and the token does not go there. Name the right address with --base-url.";
  case stop_reason::outage:
    return fmt::format("Stopped: the service did not work for {}{}. Run the same command again when it does.",
                       report::for_people(max_outage), words);
  case stop_reason::tls:
    return "Stopped: the service's certificate does not verify" + words + ".";
  case stop_reason::ledger:
    return "Stopped: the ledger cannot be written.";
  }
  return {};
}

std::string sentence_of_following(stop_reason reason, const std::optional<outcome>& by, duration max_outage) {
  if (reason != stop_reason::forbidden) return stop_sentence(reason, by, max_outage);
  return "Stopped: the service forbids it to look at one job after another" + (by ? words_of(*by) : "") +
         ". Look whether the token may read jobs, and is of the account that submitted these.";
}

} // namespace mcbatch::cli
