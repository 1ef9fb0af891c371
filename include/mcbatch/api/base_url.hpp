#ifndef MCBATCH_API_BASE_URL_HPP
#define MCBATCH_API_BASE_URL_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/net/origin.hpp>

#include <string>
#include <string_view>

namespace mcbatch::api {

/// Where the service is: host, port, and the path under which its calls stand.
struct base_url {
  net::origin peer;
  std::string prefix; ///< "/api/v1"; empty for the root

  /// Reads `https://host[:port][/path]`. errc::bad_setting for another scheme, a user name, a query, a fragment, or a
  /// host, port or path that cannot be.
  static result<base_url> parse(std::string_view text);

  /// The URL in its one normal form: host in lower case, port 443 left out, no slash at the end.
  [[nodiscard]] std::string text() const;
};

} // namespace mcbatch::api

#endif
