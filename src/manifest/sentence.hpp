#ifndef MCBATCH_MANIFEST_SENTENCE_HPP
#define MCBATCH_MANIFEST_SENTENCE_HPP

#include <string>
#include <string_view>

namespace mcbatch::manifest {

/// What a manifest says, for a sentence: between quotes, on one line, at most about 100 bytes, and without anything
/// that could be the secret part of a URL.
std::string quoted(std::string_view text);

} // namespace mcbatch::manifest

#endif
