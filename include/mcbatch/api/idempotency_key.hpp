#ifndef MCBATCH_API_IDEMPOTENCY_KEY_HPP
#define MCBATCH_API_IDEMPOTENCY_KEY_HPP

#include <mcbatch/core/job.hpp>

#include <string>
#include <string_view>

namespace mcbatch::api {

/// The value of Idempotency-Key: 32 hexadecimal digits of a SHA-256 over the ledger, the job's key and its generation.
/// The same on every try of one generation, in every process.
std::string idempotency_key(std::string_view ledger_id, const job& job);

} // namespace mcbatch::api

#endif
