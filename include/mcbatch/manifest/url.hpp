#ifndef MCBATCH_MANIFEST_URL_HPP
#define MCBATCH_MANIFEST_URL_HPP

#include <mcbatch/core/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::manifest {

/// `url` as people may see it: without its userinfo, query and fragment, in which secrets stand.
std::string redact_url(std::string_view url);

/// `url` without the parameters of the presigning schemes that signed it, so that two signings of one URL are equal.
std::string unsigned_url(std::string_view url);

/// When the signature in `url` ends, by the presigning schemes of AWS, Google, Azure and CloudFront as their vendors
/// document them; nothing for a URL that bears no signature of theirs or whose end cannot be read.
/// Of a parameter that stands there twice the first counts.
std::optional<wall_time> presigned_until(std::string_view url);

/// Whether AWS credentials that end by themselves signed `url` (X-Amz-Security-Token beside a signature of version 4 or
/// 2): it dies with them, perhaps before `presigned_until`. The URL does not tell when they end. What else signs by
/// such a key says so in the URL: the `ske` of an Azure user delegation SAS.
bool has_temporary_credentials(std::string_view url);

} // namespace mcbatch::manifest

#endif
