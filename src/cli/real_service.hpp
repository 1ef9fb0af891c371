#ifndef MCBATCH_CLI_REAL_SERVICE_HPP
#define MCBATCH_CLI_REAL_SERVICE_HPP

#include <string_view>

namespace mcbatch::cli {

/// Whether that host, in lower case as net::origin has it, is the service itself: mediaconvert.io or one of its
/// subdomains, also as a name that ends in the root's dot.
bool is_real_service(std::string_view host);

} // namespace mcbatch::cli

#endif
