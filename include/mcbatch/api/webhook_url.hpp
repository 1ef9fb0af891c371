#ifndef MCBATCH_API_WEBHOOK_URL_HPP
#define MCBATCH_API_WEBHOOK_URL_HPP

#include <mcbatch/core/job.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::api {

/// The address to which the events of one job are sent: `url` with the job's key as `mcbatch_key` in its query.
std::string webhook_url_of(std::string_view url, const job_key& key);

/// The key that the target of such a request bears; nothing where it bears none.
std::optional<job_key> key_in(std::string_view target);

/// A job's body with `webhook_url`, unless it has one. `body` is a JSON object, `url` visible ASCII.
std::string with_webhook_url(std::string body, std::string_view url);

} // namespace mcbatch::api

#endif
