#include "cli/real_service.hpp"

namespace mcbatch::cli {

bool is_real_service(std::string_view host) {
  constexpr std::string_view domain = "mediaconvert.io";
  while (host.ends_with('.'))
    host.remove_suffix(1);
  if (!host.ends_with(domain)) return false;
  host.remove_suffix(domain.size());
  return host.empty() || host.ends_with('.');
}

} // namespace mcbatch::cli
