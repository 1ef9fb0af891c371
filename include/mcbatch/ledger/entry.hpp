#ifndef MCBATCH_LEDGER_ENTRY_HPP
#define MCBATCH_LEDGER_ENTRY_HPP

#include <mcbatch/core/job.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mcbatch::ledger {

/// A valid manifest entry on its way in.
struct new_entry {
  job_key key;
  job_key content;            ///< hash of the whole entry; equal to `key` unless a key field is used
  std::string_view body;      ///< what will be sent
  std::uint32_t manifest = 0; ///< as `store::manifest` gave it
  std::uint64_t line = 0;     ///< from 1
  std::size_t own_size = 0;   ///< the entry as read is so many bytes of `body` and a closing brace; 0: all of `body`
  std::optional<wall_time> expires_at = {}; ///< the earliest end of life of its presigned URLs
  std::string_view job_type = {};           ///< what it asks for: "video", "audio", ...
};

/// What became of an entry.
enum class import_kind {
  fresh,       ///< a job the ledger did not know: pending
  requeued,    ///< was pending or expired: pending, with the new body
  skipped,     ///< submitted already
  left,        ///< rejected or in doubt: left for `retry`
  duplicate,   ///< the same entry again in this run
  conflict,    ///< the same key again in this run, with other content
  resubmitted, ///< was in doubt, and the run resubmits those: pending, with the new body
};

struct import_result {
  import_kind kind = import_kind::fresh;
  std::int64_t id = 0;
  std::uint64_t first_line = 0; ///< where this run first met the key; of a duplicate or conflict only
};

/// One thing wrong with an entry.
struct bad_field {
  std::string_view field; ///< may be empty: the entry as a whole
  std::string_view message;
};

/// A manifest entry that is no valid job.
struct bad_entry {
  std::uint32_t manifest = 0;
  std::uint64_t line = 0;
  std::string_view text; ///< as read
  std::span<const bad_field> problems;
};

} // namespace mcbatch::ledger

#endif
