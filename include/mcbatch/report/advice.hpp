#ifndef MCBATCH_REPORT_ADVICE_HPP
#define MCBATCH_REPORT_ADVICE_HPP

#include <mcbatch/ledger/problems.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::report {

/// One thing to do.
struct step {
  std::string what;    ///< for people: "See why jobs were rejected"
  std::string command; ///< for a shell; empty where no command does it
};

/// What to do about jobs with a problem of that kind, in this order.
std::vector<step> advice(ledger::problem_kind kind, std::string_view ledger);

} // namespace mcbatch::report

#endif
