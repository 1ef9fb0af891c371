#include <mcbatch/net/exchange.hpp>

namespace mcbatch::net {

void throw_exception_from_error(const exchange_failure& f, const boost::source_location& where) {
  mcbatch::throw_exception_from_error(f.why, where);
}

} // namespace mcbatch::net
