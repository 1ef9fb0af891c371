#include <mcbatch/core/key_hash.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mcbatch {
namespace {

struct freed {
  void operator()(EVP_MD* md) const { ::EVP_MD_free(md); }
  void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};

} // namespace

/// The digest is fetched once: fetching takes longer than hashing an entry.
struct key_hash::state {
  std::unique_ptr<EVP_MD, freed> digest{::EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, freed> context{::EVP_MD_CTX_new()};
};

key_hash::key_hash() : state_(std::make_unique<state>()) {
  if (!state_->digest || !state_->context) throw std::runtime_error("OpenSSL offers no SHA-256");
}
key_hash::key_hash(key_hash&&) noexcept = default;
key_hash& key_hash::operator=(key_hash&&) noexcept = default;
key_hash::~key_hash() = default;

job_key key_hash::of(std::initializer_list<std::string_view> parts) {
  auto* context = state_->context.get();
  std::array<unsigned char, 32> whole{};
  bool done = ::EVP_DigestInit_ex2(context, state_->digest.get(), nullptr) == 1;
  for (const auto part : parts)
    done = done && ::EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  done = done && ::EVP_DigestFinal_ex(context, whole.data(), nullptr) == 1;
  if (!done) throw std::runtime_error("OpenSSL could not compute a SHA-256");
  job_key key;
  std::copy_n(whole.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

} // namespace mcbatch
