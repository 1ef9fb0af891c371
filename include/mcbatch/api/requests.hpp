#ifndef MCBATCH_API_REQUESTS_HPP
#define MCBATCH_API_REQUESTS_HPP

#include <mcbatch/api/base_url.hpp>
#include <mcbatch/api/token.hpp>
#include <mcbatch/core/http.hpp>
#include <mcbatch/core/job.hpp>

#include <cstdint>
#include <string_view>

namespace mcbatch::api {

/// POST conversion_jobs: the job's body, as it is.
request create_request(const base_url& base, const token& token, const job& job, std::string_view idempotency_key);

/// GET conversion_jobs: recent jobs. The first page is asked for as documented, the others by `?page=`.
request jobs_request(const base_url& base, const token& token, std::uint32_t page);

/// GET conversion_jobs/ID: what has become of a job. `id` is the service's, as it gave it.
request job_request(const base_url& base, const token& token, std::string_view id);

/// GET me: whom the token belongs to.
request me_request(const base_url& base, const token& token);

/// GET account: details and credit.
request account_request(const base_url& base, const token& token);

} // namespace mcbatch::api

#endif
