#include <mcbatch/report/costs.hpp>

#include <mcbatch/core/money.hpp>
#include <mcbatch/core/printable.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mcbatch::report {

using json = nlohmann::ordered_json;

cost_sums sum_of(const std::vector<ledger::cost_line>& lines) {
  cost_sums sums;
  for (const auto& l : lines) {
    sums.jobs += l.jobs;
    sums.estimated_micros = add_saturating(sums.estimated_micros, l.estimated_micros);
    sums.final_micros = add_saturating(sums.final_micros, l.final_micros);
    sums.final_jobs += l.final_jobs;
  }
  return sums;
}

ledger::conversion_counts conversions_of(const std::vector<ledger::cost_line>& lines) {
  ledger::conversion_counts counts;
  for (const auto& l : lines)
    counts[l.state] += l.jobs;
  return counts;
}

json conversions_json(const ledger::conversion_counts& counts) {
  json all;
  for (const auto state : all_conversion_states)
    all[std::string(to_string(state))] = counts[state];
  return all;
}

json costs_json(const std::vector<ledger::cost_line>& lines) {
  const auto sums = sum_of(lines);
  json all{{"estimated_micros", sums.estimated_micros},
           {"final_micros", sums.final_micros},
           {"final_jobs", sums.final_jobs},
           {"by", json::array()}};
  for (const auto& l : lines)
    all["by"].push_back({{"job_type", l.job_type.empty() ? json() : json(l.job_type)},
                         {"state", to_string(l.state)},
                         {"jobs", l.jobs},
                         {"estimated_micros", l.estimated_micros},
                         {"final_micros", l.final_micros},
                         {"final_jobs", l.final_jobs}});
  return all;
}

std::string costs_text(const std::vector<ledger::cost_line>& lines) {
  if (lines.empty()) return {};
  auto text = fmt::format("{:<12}{:<12}{:>12}{:>16}{:>16}\n", "type", "conversion", "jobs", "estimated", "charged");
  for (const auto& l : lines)
    text += fmt::format("{:<12}{:<12}{:>12}{:>16}{:>16}{}\n", l.job_type.empty() ? "?" : printable(l.job_type),
                        to_string(l.state), with_commas(l.jobs), euros(l.estimated_micros),
                        l.final_jobs > 0 ? euros(l.final_micros) : "-",
                        l.final_jobs > 0 && l.final_jobs < l.jobs ? " of " + with_commas(l.final_jobs) : "");
  return text;
}

} // namespace mcbatch::report
