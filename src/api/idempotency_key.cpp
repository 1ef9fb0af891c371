#include <mcbatch/api/idempotency_key.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace mcbatch::api {
namespace {

/// Fetched once: fetching takes longer than the digest.
const EVP_MD* sha256() {
  struct freed {
    void operator()(EVP_MD* digest) const { ::EVP_MD_free(digest); }
  };
  static const std::unique_ptr<EVP_MD, freed> fetched(::EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched.get();
}

} // namespace

std::string idempotency_key(std::string_view ledger_id, const job& job) {
  // The parts behind the ledger's id cannot hold a line break, so no two triples make one text.
  const auto text = std::string(ledger_id) + "\n" + to_hex(job.key) + "\n" + std::to_string(job.generation);
  std::array<unsigned char, 32> digest{};
  if (::EVP_Digest(text.data(), text.size(), digest.data(), nullptr, sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL could not compute a SHA-256");
  job_key shortened;
  std::copy_n(digest.begin(), shortened.bytes.size(), shortened.bytes.begin());
  return to_hex(shortened);
}

} // namespace mcbatch::api
