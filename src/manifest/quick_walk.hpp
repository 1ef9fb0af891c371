#ifndef MCBATCH_MANIFEST_QUICK_WALK_HPP
#define MCBATCH_MANIFEST_QUICK_WALK_HPP

#include "manifest/canonical_form.hpp"

#include <string>

namespace mcbatch::manifest {

/// Walks `text`, behind whose end as many bytes may be read as simdjson asks for, and writes its canonical form, as
/// `walker` describes them: one that takes each byte in its hand once, for what nearly all entries are. False where
/// `text` holds an escape, or anything that is no valid entry: that is another's to look at with care, and `form` is
/// to begin anew. `buffer` is for its own use.
bool quick_walk(const std::string& text, canonical_form& form, std::string& buffer);

} // namespace mcbatch::manifest

#endif
