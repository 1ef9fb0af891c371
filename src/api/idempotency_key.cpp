#include <mcbatch/api/idempotency_key.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace mcbatch::api {
namespace {

/// Made once a thread: to fetch the digest takes longer than to compute it.
class sha256 {
public:
  sha256() {
    if (!md_ || !context_) throw std::runtime_error("OpenSSL offers no SHA-256");
  }

  std::array<unsigned char, 32> of(std::string_view text) {
    std::array<unsigned char, 32> digest{};
    if (::EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr) != 1 ||
        ::EVP_DigestUpdate(context_.get(), text.data(), text.size()) != 1 ||
        ::EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1)
      throw std::runtime_error("OpenSSL could not compute a SHA-256");
    return digest;
  }

private:
  struct freed {
    void operator()(EVP_MD* md) const { ::EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, freed> md_{::EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, freed> context_{::EVP_MD_CTX_new()};
};

} // namespace

std::string idempotency_key(std::string_view ledger_id, const job& job) {
  // The parts behind the ledger's id cannot hold a line break, so no two triples make one text.
  std::string text;
  text.reserve(ledger_id.size() + 2 * job.key.bytes.size() + 16);
  text.append(ledger_id).append("\n").append(to_hex(job.key)).append("\n").append(std::to_string(job.generation));
  thread_local sha256 hash;
  const auto digest = hash.of(text);
  job_key shortened;
  std::copy_n(digest.begin(), shortened.bytes.size(), shortened.bytes.begin());
  return to_hex(shortened);
}

} // namespace mcbatch::api
