#include <mcbatch/core/error.hpp>

#include <boost/assert/source_location.hpp>

#include <stdexcept>

namespace mcbatch {

std::string_view to_string(errc e) noexcept {
  switch (e) {
  case errc::usage:
    return "usage";
  case errc::cannot_open:
    return "cannot_open";
  case errc::cannot_write:
    return "cannot_write";
  case errc::unusable_input:
    return "unusable_input";
  case errc::locked:
    return "locked";
  case errc::not_a_ledger:
    return "not_a_ledger";
  case errc::ledger_failed:
    return "ledger_failed";
  case errc::bad_setting:
    return "bad_setting";
  case errc::resolve_failed:
    return "resolve_failed";
  case errc::connect_failed:
    return "connect_failed";
  case errc::tls_failed:
    return "tls_failed";
  case errc::untrusted:
    return "untrusted";
  case errc::timed_out:
    return "timed_out";
  case errc::broken_exchange:
    return "broken_exchange";
  case errc::stopped:
    return "stopped";
  }
  return "unknown";
}

void throw_exception_from_error(const failure& f, const boost::source_location&) {
  throw std::runtime_error(f.what);
}

} // namespace mcbatch
