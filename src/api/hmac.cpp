#include "hmac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace mcbatch::api {

hmac hmac_of(std::string_view text, std::string_view secret) {
  hmac made{};
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, text.size(), made.data(), &size) ==
      nullptr)
    throw std::runtime_error("OpenSSL could not compute an HMAC");
  return made;
}

} // namespace mcbatch::api
