#ifndef MCBATCH_API_TIDY_HPP
#define MCBATCH_API_TIDY_HPP

#include <string>
#include <string_view>

namespace mcbatch::api {

/// A text from the service made fit for a terminal and a log. `secret`, unless empty, becomes "***"; each word that has
/// a query loses it (a presigned URL's signature stands there), and so does a bare `...signature=`; control characters,
/// the directional marks of Unicode and whatever is no UTF-8 become spaces; what is left is cut at 500 bytes, between
/// two characters.
std::string tidy(std::string_view text, std::string_view secret);

} // namespace mcbatch::api

#endif
