#ifndef MCBATCH_SANDBOX_JSON_TEXT_HPP
#define MCBATCH_SANDBOX_JSON_TEXT_HPP

#include <string>
#include <string_view>

namespace mcbatch::sandbox {

/// `text`, which is UTF-8, as a JSON string with its quotes (RFC 8259, section 7).
std::string json_string(std::string_view text);

/// `body` on one line. In valid JSON a line break stands only between tokens, where a space means the same.
std::string on_one_line(std::string_view body);

} // namespace mcbatch::sandbox

#endif
