#ifndef MCBATCH_CLI_EXIT_CODE_HPP
#define MCBATCH_CLI_EXIT_CODE_HPP

#include <mcbatch/core/error.hpp>

namespace mcbatch::cli {

/// What the program ends with. The numbers are sysexits.h's where it has one; scripts rely on them.
enum class exit_code : int {
  ok = 0,              ///< every job of the manifest is submitted
  attention = 1,       ///< finished, but some jobs need attention, or a manifest broke off in the middle
  usage = 64,          ///< wrong usage
  unusable_input = 65, ///< the manifest is unusable, or strictness forbids it; nothing was sent
  cannot_open = 66,    ///< a manifest, or a ledger to read, cannot be opened
  unavailable = 69,    ///< the service could not be reached or used
  locked = 73,         ///< another run holds the ledger
  cannot_write = 74,   ///< the ledger cannot be created or written; nothing further was sent
  stopped_early = 75,  ///< and can be resumed
  refused = 77,        ///< the service refused the token, or there is no credit
  bad_setting = 78,    ///< no token, or a setting that makes no sense
};

/// The exit code of a failure that ends a command.
exit_code exit_code_of(errc code) noexcept;

/// Thrown by a command to end the program with a sentence on standard error.
struct exit_with {
  exit_code code;
  std::string sentence;
};

/// The value of `r`; its failure ends the program with its sentence and code.
template <class T>
T value_or_exit(result<T> r) {
  if (!r) throw exit_with{exit_code_of(r.error().code), r.error().what};
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

} // namespace mcbatch::cli

#endif
