#ifndef MCBATCH_API_TIDY_HPP
#define MCBATCH_API_TIDY_HPP

#include <string>
#include <string_view>

namespace mcbatch::api {

/// A text from the service made fit for a terminal and a log. `secret`, unless empty, becomes "***"; URLs lose what may
/// be secret of them, see `redact`; each character that a terminal would not show becomes a space, several become one;
/// what is left is cut at 500 bytes, between two characters.
std::string tidy(std::string_view text, std::string_view secret);

} // namespace mcbatch::api

#endif
