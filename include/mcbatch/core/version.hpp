#ifndef MCBATCH_CORE_VERSION_HPP
#define MCBATCH_CORE_VERSION_HPP

namespace mcbatch {

/// As in CMakeLists.txt, and in the User-Agent of every request.
inline constexpr const char* version = "0.1.0";

} // namespace mcbatch

#endif
