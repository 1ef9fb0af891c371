#ifndef MCBATCH_API_HMAC_HPP
#define MCBATCH_API_HMAC_HPP

#include <array>
#include <string_view>

namespace mcbatch::api {

using hmac = std::array<unsigned char, 32>;

/// HMAC-SHA256 (RFC 2104).
hmac hmac_of(std::string_view text, std::string_view secret);

} // namespace mcbatch::api

#endif
