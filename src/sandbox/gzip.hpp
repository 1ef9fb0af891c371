#ifndef MCBATCH_SANDBOX_GZIP_HPP
#define MCBATCH_SANDBOX_GZIP_HPP

#include <string>
#include <string_view>

namespace mcbatch::sandbox {

/// `plain` as a gzip file (RFC 1952).
std::string gzip(std::string_view plain);

} // namespace mcbatch::sandbox

#endif
