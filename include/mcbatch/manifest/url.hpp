#ifndef MCBATCH_MANIFEST_URL_HPP
#define MCBATCH_MANIFEST_URL_HPP

#include <mcbatch/core/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::manifest {

/// `url` as people may see it: without its userinfo, query and fragment, in which secrets stand.
std::string redact_url(std::string_view url);

/// When the signature in `url` ends, by the presigning schemes of AWS, Google, Azure and CloudFront as their vendors
/// document them; nothing for a URL that bears no signature of theirs or whose end cannot be read.
std::optional<wall_time> presigned_until(std::string_view url);

} // namespace mcbatch::manifest

#endif
