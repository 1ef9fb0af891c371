#ifndef MCBATCH_SANDBOX_WEBHOOK_URL_HPP
#define MCBATCH_SANDBOX_WEBHOOK_URL_HPP

#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::sandbox {

/// Where the events of a job go.
struct webhook_url {
  bool tls = false;
  std::string host;      ///< a name or an address, without brackets
  std::string port;      ///< digits
  std::string authority; ///< host and port as they were written, for the Host field
  std::string target;    ///< path and query as they were written; begins with a slash

  [[nodiscard]] bool same_origin(const webhook_url& other) const {
    return tls == other.tls && host == other.host && port == other.port;
  }
};

/// Nothing where `text` is no http or https URL (RFC 3986) in visible ASCII, or holds a user's name. What follows a #
/// is dropped.
std::optional<webhook_url> parse_webhook_url(std::string_view text);

} // namespace mcbatch::sandbox

#endif
