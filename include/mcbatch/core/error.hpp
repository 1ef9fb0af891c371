#ifndef MCBATCH_CORE_ERROR_HPP
#define MCBATCH_CORE_ERROR_HPP

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace mcbatch {

/// What went wrong, as far as a program has to tell cases apart. The sentence for a person stands beside it in
/// `failure`.
enum class errc {
  usage,           ///< the caller asked for something that makes no sense
  cannot_open,     ///< a file to read is not there or not readable
  cannot_write,    ///< a file cannot be created or written
  unusable_input,  ///< the input as a whole is no manifest: binary, empty of structure, broken off
  locked,          ///< another run holds the ledger
  not_a_ledger,    ///< the file exists and is no ledger of ours, or a newer one
  ledger_failed,   ///< reading, writing or syncing the ledger failed; nothing further may be sent
  bad_setting,     ///< a setting or an environment variable cannot be used
  resolve_failed,  ///< DNS
  connect_failed,  ///< TCP, or the proxy refused
  tls_failed,      ///< the handshake failed for another reason than the certificate
  untrusted,       ///< the peer's certificate does not verify, or is for another host
  timed_out,       ///< the exchange's deadline passed
  broken_exchange, ///< the connection broke, or the answer was malformed, truncated or too large
  stopped,         ///< given up because a stop was asked for
};

/// The name of `e`, for logs: "cannot_open".
std::string_view to_string(errc e) noexcept;

/// An error as mcbatch passes it on: a code to decide by and a sentence that says what happened, to what, and what to
/// do. The sentence never holds a token or the signature of a URL.
struct failure {
  errc code;
  std::string what;
};

/// Lets boost::system::result<T, failure>::value() throw a std::runtime_error with the sentence.
[[noreturn]] void throw_exception_from_error(const failure& f, const boost::source_location&);

/// A value or a failure.
template <class T>
using result = boost::system::result<T, failure>;

} // namespace mcbatch

#endif
