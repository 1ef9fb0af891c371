#ifndef MCBATCH_API_CLASSIFY_HPP
#define MCBATCH_API_CLASSIFY_HPP

#include <mcbatch/api/token.hpp>
#include <mcbatch/core/outcome.hpp>
#include <mcbatch/net/exchange.hpp>

#include <string_view>

namespace mcbatch::api {

/// What an answer to a create means, or a failure to get one. The texts of the outcome are fit to be shown and logged:
/// one line of at most 500 bytes, without control characters, the token that it was sent with, the secret parts of URLs
/// or, whatever they stand in, the signatures of the URLs in `body_sent`.
outcome classify_create(const net::exchange_result& seen, const token& sent_with, std::string_view body_sent = {});

/// The same for a call that only reads: there every 2xx with a JSON object or array is `accepted`, as nothing was
/// created.
outcome classify_read(const net::exchange_result& seen, const token& sent_with);

} // namespace mcbatch::api

#endif
