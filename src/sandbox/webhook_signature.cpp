#include "sandbox/webhook_signature.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <iterator>
#include <stdexcept>

namespace mcbatch::sandbox {

std::string webhook_signature(std::string_view body, std::string_view secret) {
  std::array<unsigned char, 32> code{};
  const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, body.size(), code.data(),
             nullptr) == nullptr)
    throw std::runtime_error("OpenSSL could not compute an HMAC");
  std::string text = "sha256=";
  for (const auto byte : code)
    fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

} // namespace mcbatch::sandbox
