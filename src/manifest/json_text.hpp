#ifndef MCBATCH_MANIFEST_JSON_TEXT_HPP
#define MCBATCH_MANIFEST_JSON_TEXT_HPP

#include <string>
#include <string_view>

namespace mcbatch::manifest {

/// The white space of JSON (RFC 8259, section 2).
inline constexpr std::string_view space = " \t\r\n";

/// `text` without the white space around it.
std::string_view trimmed(std::string_view text);

/// Appends `text` as a JSON string, quotes and all (RFC 8259, section 7). What is not UTF-8 passes as it is.
void append_json_string(std::string& out, std::string_view text);

/// Whether `token` is a JSON number (RFC 8259, section 6), of whatever size.
bool is_json_number(std::string_view token);

/// Whether `token` is a JSON number without sign, fraction and exponent.
bool is_whole_number(std::string_view token);

} // namespace mcbatch::manifest

#endif
