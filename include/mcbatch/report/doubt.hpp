#ifndef MCBATCH_REPORT_DOUBT_HPP
#define MCBATCH_REPORT_DOUBT_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace mcbatch::report {

/// What to do about `jobs` in doubt, with the commands for it: lines for people.
std::string doubt_steps(std::uint64_t jobs, std::string_view ledger);

/// The same once the service's list has told what it can.
std::string undecided_steps(std::string_view ledger);

} // namespace mcbatch::report

#endif
