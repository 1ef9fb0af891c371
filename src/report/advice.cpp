#include <mcbatch/report/advice.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>

namespace mcbatch::report {
namespace {

std::vector<step> about_rejected(const std::string& ledger) {
  return {{"See which jobs were rejected, and why", "mcbatch export " + ledger + " --state rejected"},
          {"Once the cause is mended, send them again",
           fmt::format("mcbatch retry {0} --rejected && mcbatch submit --ledger {0}", ledger)}};
}

std::vector<step> about_doubt(const std::string& ledger) {
  return {{"The service may have accepted them. Settle what its list of jobs shows", "mcbatch reconcile " + ledger},
          {"See which are left, and look at the service", "mcbatch export " + ledger + " --state in_doubt,sending"},
          {"Send them again, perhaps for a second time",
           fmt::format("mcbatch retry {0} --in-doubt && mcbatch submit --ledger {0}", ledger)}};
}

std::vector<step> about_invalid(const std::string& ledger) {
  return {{"See what is wrong in the manifest", "mcbatch export " + ledger + " --state invalid"},
          {"Correct those entries and submit the manifest again: only what is new goes out", ""}};
}

std::vector<step> about_expired(const std::string& ledger) {
  return {{"Their presigned URLs would have been dead on arrival, so they were not sent. Submit a manifest with fresh "
           "URLs to the same ledger",
           "mcbatch submit MANIFEST --ledger " + ledger},
          {"Or have the URLs that they have looked at once more",
           fmt::format("mcbatch retry {0} --expired && mcbatch submit --ledger {0}", ledger)}};
}

std::vector<step> about_conversions(const std::string& ledger, std::string_view state) {
  return {
      {"See which they are, and what the service says of them",
       fmt::format("mcbatch export {} --state submitted | jq -c 'select(.conversion == \"{}\")'", ledger, state)},
      {"Such a job counts as submitted and is not sent again: what is to be converted after all needs an entry of its "
       "own",
       ""}};
}

std::vector<step> about_missing(const std::string& ledger) {
  return {
      {"The service accepted them and does not tell what has become of them now. Ask again", "mcbatch track " + ledger},
      {"If that does not help, ask the service about the ids that are shown here", ""}};
}

} // namespace

std::vector<step> advice(ledger::problem_kind kind, std::string_view ledger) {
  const auto name = shell_word(ledger);
  switch (kind) {
  case ledger::problem_kind::rejected:
    return about_rejected(name);
  case ledger::problem_kind::in_doubt:
  case ledger::problem_kind::sending:
    return about_doubt(name);
  case ledger::problem_kind::invalid:
    return about_invalid(name);
  case ledger::problem_kind::expired:
    return about_expired(name);
  case ledger::problem_kind::failed:
  case ledger::problem_kind::cancelled:
    return about_conversions(name, to_string(kind));
  case ledger::problem_kind::missing:
    return about_missing(name);
  }
  return {};
}

} // namespace mcbatch::report
