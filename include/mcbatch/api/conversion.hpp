#ifndef MCBATCH_API_CONVERSION_HPP
#define MCBATCH_API_CONVERSION_HPP

#include <mcbatch/api/token.hpp>
#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/error.hpp>

#include <string>
#include <string_view>

namespace mcbatch::api {

/// Reads an answer to GET conversion_jobs/ID. Its texts are fit to be shown. A cost counts only of a conversion that
/// has ended. errc::broken_exchange where it is no JSON object with a status that the service documents.
result<conversion> parse_conversion(std::string_view body, const token& sent_with);

/// What the service says by itself of one job.
struct webhook_event {
  std::string job_id; ///< fit to be shown, as an outcome's
  conversion what;
};

/// Reads the body of a webhook. errc::broken_exchange where it is no JSON object with `job_id` and such a `status`.
result<webhook_event> parse_event(std::string_view body);

/// Whether `header` (X-MediaConvert-Signature: "sha256=HEX") is the HMAC-SHA256 of `body` under `secret`. Takes as long
/// whatever it differs in. Nothing is signed by an empty secret.
bool is_signed(std::string_view body, std::string_view header, std::string_view secret);

} // namespace mcbatch::api

#endif
