#ifndef MCBATCH_MANIFEST_URL_PARTS_HPP
#define MCBATCH_MANIFEST_URL_PARTS_HPP

#include <string>
#include <string_view>

namespace mcbatch::manifest {

/// A URL taken apart as RFC 3986, appendix B, does it. The parts are views into it.
struct url_parts {
  std::string_view scheme;    ///< without ":"; empty where there is no "scheme://"
  std::string_view userinfo;  ///< without "@"
  std::string_view authority; ///< host and port, without userinfo
  std::string_view path;
  std::string_view query;    ///< without "?"
  std::string_view fragment; ///< with "#", so that the parts tell a URL with an empty one from one without
};

url_parts split_url(std::string_view url);

/// Takes scheme and authority off the front of `url`. The other parts stay empty.
url_parts take_authority(std::string_view& url);

/// One parameter of a query.
struct parameter {
  std::string_view raw; ///< as written, without "&"
  std::string_view name;
  std::string_view value; ///< as written: not decoded
};

/// Takes the first parameter off `query`, which is not empty.
parameter next_parameter(std::string_view& query);

/// `text` with %XX replaced by the byte it stands for (RFC 3986, section 2.1); other uses of "%" stay as they are.
std::string percent_decoded(std::string_view text);

/// Whether the scheme is http or https, in any case.
bool is_http_url(std::string_view url);

} // namespace mcbatch::manifest

#endif
