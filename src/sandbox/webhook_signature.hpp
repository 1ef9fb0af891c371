#ifndef MCBATCH_SANDBOX_WEBHOOK_SIGNATURE_HPP
#define MCBATCH_SANDBOX_WEBHOOK_SIGNATURE_HPP

#include <string>
#include <string_view>

namespace mcbatch::sandbox {

/// What X-MediaConvert-Signature says of a body: "sha256=" and its HMAC-SHA256 under `secret` (RFC 2104), in lower-case
/// hexadecimal.
std::string webhook_signature(std::string_view body, std::string_view secret);

} // namespace mcbatch::sandbox

#endif
