#ifndef MCBATCH_NET_EXCHANGE_HPP
#define MCBATCH_NET_EXCHANGE_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/http.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace mcbatch::net {

/// Why there is no whole answer.
struct exchange_failure {
  failure why;
  bool byte_left = false; ///< whether any byte of the request may have left: then the peer may have acted on it
};

/// Lets exchange_result::value() throw a std::runtime_error with the sentence.
[[noreturn]] void throw_exception_from_error(const exchange_failure& f, const boost::source_location& where);

/// One request's end: a whole, well-formed answer of any status, or a failure.
using exchange_result = boost::system::result<reply, exchange_failure>;

} // namespace mcbatch::net

#endif
