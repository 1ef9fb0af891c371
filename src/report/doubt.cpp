#include <mcbatch/report/doubt.hpp>
#include <mcbatch/report/text.hpp>

#include <fmt/format.h>

namespace mcbatch::report {

std::string doubt_steps(std::uint64_t jobs, std::string_view ledger) {
  return fmt::format("{} in doubt: the service may have accepted {}.\n"
                     "Settle what its list of jobs shows:           mcbatch reconcile {}\n",
                     count_of(jobs, "job is", "jobs are"), jobs == 1 ? "it" : "them", shell_word(ledger)) +
         undecided_steps(ledger);
}

std::string undecided_steps(std::string_view ledger) {
  return fmt::format("See which are left, and look at the service:  mcbatch export {0} --state in_doubt,sending\n"
                     "Send them again, perhaps for a second time:   mcbatch retry {0} --in-doubt && mcbatch submit "
                     "--ledger {0}\n",
                     shell_word(ledger));
}

} // namespace mcbatch::report
