#ifndef MCBATCH_CLI_OPEN_FILES_HPP
#define MCBATCH_CLI_OPEN_FILES_HPP

#include <cstddef>

namespace mcbatch::cli {

/// How many files a run has open besides one for each request in flight: the ledger and its log, manifests, the quota's
/// state, name services, with room to spare.
inline constexpr std::size_t files_of_a_run = 32;

/// What is open besides where conversions are followed: a connection for each poll, and those of who sends events.
inline constexpr std::size_t files_of_following = 16 + 64;
/// And those of who looks at the page.
inline constexpr std::size_t files_of_a_page = 64;

/// How many files this process may have open. Asks for as many as `wanted` first, as far as the hard limit allows.
std::size_t allow_open_files(std::size_t wanted);

} // namespace mcbatch::cli

#endif
