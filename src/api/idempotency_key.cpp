#include <mcbatch/api/idempotency_key.hpp>

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace mcbatch::api {

std::string idempotency_key(std::string_view ledger_id, const job& job) {
  // The parts behind the ledger's id cannot hold a line break, so no two triples make one text.
  const auto text = std::string(ledger_id) + "\n" + to_hex(job.key) + "\n" + std::to_string(job.generation);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  job_key shortened;
  std::copy_n(digest.begin(), shortened.bytes.size(), shortened.bytes.begin());
  return to_hex(shortened);
}

} // namespace mcbatch::api
