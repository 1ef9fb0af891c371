#include <mcbatch/api/idempotency_key.hpp>

#include <mcbatch/core/key_hash.hpp>

namespace mcbatch::api {

std::string idempotency_key(std::string_view ledger_id, const job& job) {
  thread_local key_hash hash;
  // The parts behind the ledger's id cannot hold a line break, so no two triples make one text.
  return to_hex(hash.of({ledger_id, "\n", to_hex(job.key), "\n", std::to_string(job.generation)}));
}

} // namespace mcbatch::api
