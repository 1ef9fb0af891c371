#ifndef MCBATCH_MANIFEST_ENTRY_HPP
#define MCBATCH_MANIFEST_ENTRY_HPP

#include <mcbatch/core/job.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mcbatch::manifest {

/// One thing that is wrong with an entry. The message is a whole sentence on one line; it shows no query of a URL.
struct problem {
  std::uint64_t line; ///< 1-based: where the entry's first byte stands (for a broken quote of CSV, where it opens)
  std::string field;  ///< empty where the problem belongs to no single field
  std::string message;
};

/// A valid entry.
struct entry {
  std::uint64_t line;   ///< 1-based line of the entry's first byte
  std::string body;     ///< what is sent: the JSON object as the user wrote it, with the defaults that it lacked
  std::size_t own_size; ///< the entry as read is so many bytes of `body` and a closing brace; the rest are defaults
  job_key key;          ///< its identity
  job_key content;      ///< hash of the canonical entry; equals `key` unless a key field is named
  std::optional<wall_time> expires_at; ///< the earliest end of life of its presigned URLs
  std::string job_type;                ///< what it asks for: "video", "audio", ...
  bool temporary = false;              ///< credentials that may end before that signed one of them
};

/// An entry that is no valid job.
struct bad_entry {
  std::vector<problem> problems; ///< at least one; all of them stand at the same entry
  std::string text;              ///< as read, perhaps not UTF-8; of an entry that is too long, only its beginning
};

using item = std::variant<entry, bad_entry>;

} // namespace mcbatch::manifest

#endif
