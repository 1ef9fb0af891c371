#include "cli/exit_code.hpp"

namespace mcbatch::cli {

exit_code exit_code_of(errc code) noexcept {
  switch (code) {
  case errc::usage:
    return exit_code::usage;
  case errc::cannot_open:
    return exit_code::cannot_open;
  case errc::unusable_input:
    return exit_code::unusable_input;
  case errc::locked:
    return exit_code::locked;
  case errc::not_a_ledger:
  case errc::cannot_write:
  case errc::ledger_failed:
    return exit_code::cannot_write;
  case errc::bad_setting:
    return exit_code::bad_setting;
  case errc::resolve_failed:
  case errc::connect_failed:
  case errc::tls_failed:
  case errc::untrusted:
  case errc::timed_out:
  case errc::broken_exchange:
    return exit_code::unavailable;
  case errc::stopped:
    return exit_code::stopped_early;
  }
  return exit_code::unavailable;
}

} // namespace mcbatch::cli
