#include <mcbatch/api/conversion.hpp>

#include "hmac.hpp"

#include <mcbatch/core/text.hpp>

#include <openssl/crypto.h>

#include <optional>

namespace mcbatch::api {
namespace {

int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

std::optional<hmac> hmac_from(std::string_view hex) {
  hmac read{};
  if (hex.size() != 2 * read.size()) return std::nullopt;
  for (std::size_t n = 0; n < read.size(); ++n) {
    const int high = value_of(hex[2 * n]), low = value_of(hex[2 * n + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    read[n] = static_cast<unsigned char>(16 * high + low);
  }
  return read;
}

} // namespace

bool is_signed(std::string_view body, std::string_view header, std::string_view secret) {
  constexpr std::string_view scheme = "sha256=";
  header = trim(header);
  if (secret.empty() || !header.starts_with(scheme)) return false;
  const auto given = hmac_from(header.substr(scheme.size()));
  const auto made = hmac_of(body, secret);
  return given && ::CRYPTO_memcmp(given->data(), made.data(), made.size()) == 0;
}

} // namespace mcbatch::api
