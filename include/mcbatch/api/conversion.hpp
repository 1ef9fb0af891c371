#ifndef MCBATCH_API_CONVERSION_HPP
#define MCBATCH_API_CONVERSION_HPP

#include <mcbatch/api/token.hpp>
#include <mcbatch/core/conversion.hpp>
#include <mcbatch/core/error.hpp>

#include <string>
#include <string_view>

namespace mcbatch::api {

/// What the service says of one job. Its texts are fit to be shown.
struct job_news {
  std::string job_id;         ///< as an outcome's; an answer may lack it
  conversion what;            ///< a cost counts only of one that has ended
  std::string unknown_status; ///< one that it does not document: then nothing is known but that no end is
};

/// Reads an answer to GET conversion_jobs/`job_id`. errc::broken_exchange where it is no JSON object with a status, or
/// is about another job.
result<job_news> parse_conversion(std::string_view body, std::string_view job_id, const token& sent_with);

/// Reads the body of a webhook. errc::broken_exchange where it is no JSON object with `job_id` and `status`.
result<job_news> parse_event(std::string_view body);

/// Whether `header` (X-MediaConvert-Signature: "sha256=HEX") is the HMAC-SHA256 of `body` under `secret`. Takes as long
/// whatever it differs in. Nothing is signed by an empty secret.
bool is_signed(std::string_view body, std::string_view header, std::string_view secret);

} // namespace mcbatch::api

#endif
