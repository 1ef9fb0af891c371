#include <mcbatch/submit/account_name.hpp>

#include <mcbatch/core/job.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mcbatch::submit {

std::string account_name(const api::base_url& url, const api::token& token) {
  const auto text = url.text() + '\0' + token.secret(); // a NUL stands in neither
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not to be had");
  job_key half;
  std::copy_n(digest.begin(), half.bytes.size(), half.bytes.begin());
  return to_hex(half);
}

} // namespace mcbatch::submit
