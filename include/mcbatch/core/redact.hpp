#ifndef MCBATCH_CORE_REDACT_HPP
#define MCBATCH_CORE_REDACT_HPP

#include <string>
#include <string_view>

namespace mcbatch {

/// `text`, of any kind, as people may see it: a URL in it loses its userinfo, query and fragment, in which secrets
/// stand, and a word of it what follows a parameter such as `...signature=`, percent-encoded or not. "?..." stands
/// where something was.
std::string redact(std::string_view text);

/// `text` with "***" in place of each `secret`, also of one that JSON wrote with its slashes escaped. An empty secret
/// is none.
std::string without_secret(std::string text, std::string_view secret);

} // namespace mcbatch

#endif
