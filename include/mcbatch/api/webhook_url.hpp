#ifndef MCBATCH_API_WEBHOOK_URL_HPP
#define MCBATCH_API_WEBHOOK_URL_HPP

#include <mcbatch/core/job.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::api {

/// The address to which the events of one job are sent: `url` with `mcbatch_key=KEY.TAG` in its query. KEY is the
/// job's; TAG shows that this ledger made the address, since what the service signs is the body alone: 128 bits of an
/// HMAC of the key under `secret`, the ledger's own.
std::string webhook_url_of(std::string_view url, const job_key& key, std::string_view secret);

/// The key that the target of such a request bears; nothing where it bears none, or none with the tag that it has under
/// `secret`.
std::optional<job_key> key_in(std::string_view target, std::string_view secret);

/// A job's body with `webhook_url`, unless it has one. `body` is a JSON object, `url` visible ASCII.
std::string with_webhook_url(std::string body, std::string_view url);

} // namespace mcbatch::api

#endif
