#ifndef MCBATCH_NET_ENVIRONMENT_HPP
#define MCBATCH_NET_ENVIRONMENT_HPP

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::net {

/// Looks up an environment variable; nothing where it is not set. Code that reads the environment takes it as an
/// argument, so that only the program's top level calls getenv.
using environment = std::function<std::optional<std::string>(std::string_view name)>;

} // namespace mcbatch::net

#endif
