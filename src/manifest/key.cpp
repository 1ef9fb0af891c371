#include "manifest/key.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mcbatch::manifest {
namespace {

struct free_digest {
  void operator()(EVP_MD* md) const { ::EVP_MD_free(md); }
};
struct free_context {
  void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};

} // namespace

/// The digest is fetched once: fetching takes longer than hashing an entry.
struct hasher::state {
  std::unique_ptr<EVP_MD, free_digest> digest{::EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, free_context> context{::EVP_MD_CTX_new()};
};

hasher::hasher() : state_(std::make_unique<state>()) {
  if (!state_->digest || !state_->context) throw std::runtime_error("OpenSSL offers no SHA-256");
}
hasher::hasher(hasher&&) noexcept = default;
hasher& hasher::operator=(hasher&&) noexcept = default;
hasher::~hasher() = default;

job_key hasher::hash(std::string_view purpose, std::string_view canonical) {
  std::array<unsigned char, 32> whole{};
  auto* context = state_->context.get();
  const bool done = ::EVP_DigestInit_ex2(context, state_->digest.get(), nullptr) == 1 &&
                    ::EVP_DigestUpdate(context, purpose.data(), purpose.size()) == 1 &&
                    ::EVP_DigestUpdate(context, canonical.data(), canonical.size()) == 1 &&
                    ::EVP_DigestFinal_ex(context, whole.data(), nullptr) == 1;
  if (!done) throw std::runtime_error("OpenSSL could not compute a SHA-256");
  job_key key;
  std::copy_n(whole.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

} // namespace mcbatch::manifest
