#ifndef MCBATCH_MANIFEST_READER_HPP
#define MCBATCH_MANIFEST_READER_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/manifest/default_field.hpp>
#include <mcbatch/manifest/entry.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::manifest {

/// What a manifest is written in. `automatic` goes by content, not by name.
enum class format { automatic, jsonl, json, csv };

struct options {
  manifest::format format = manifest::format::automatic;
  std::optional<std::string> key_field = std::nullopt; ///< the field that identifies a job, in place of the whole entry
  std::vector<default_field> defaults = {};
  /// Called before a read that has to wait, as of a pipe, and some ten times a second while it waits. It returns false
  /// to give up: the reader then fails with errc::stopped.
  std::function<bool()> while_waiting = {};
  /// Asked before each block is read, since a long stretch may hold no entry (a line of gigabytes, blank lines): true
  /// gives up, likewise.
  std::function<bool()> stop_asked = {};
  /// Whether to read some hundred entries ahead, which a thread of the reader's own then looks at: for one who does
  /// nothing but read a file. From a slow pipe entries come late then.
  bool ahead = false;
};

/// How much is read at once and how long an entry may be, in bytes. Tests make them small.
struct limits {
  std::size_t block = std::size_t{256} * 1024;
  std::size_t entry = std::size_t{1024} * 1024;
  /// How much of bad entries in a row, their text and a KiB for each: beyond it the manifest is hopeless, and reading
  /// fails. It bounds what a wrong file, or a few kilobytes that unpack to terabytes, have recorded of them.
  std::size_t bad_in_a_row = std::size_t{1024} * 1024 * 1024;
};

/// Streams a manifest, plain or compressed with gzip or zstd, in memory that does not grow with it. It belongs to one
/// thread and blocks in read(2).
class reader {
public:
  /// Opens the file at `path`, or standard input for "-", and reads its beginning. Fails with errc::cannot_open,
  /// errc::unusable_input where it is no manifest, errc::usage where a default is given twice.
  static result<reader> open(const std::string& path, options opts, limits lim = {});

  reader(reader&&) noexcept;
  reader& operator=(reader&&) noexcept;
  ~reader();

  /// The next entry, or nothing at the end. A failure means that the rest cannot be read; its sentence names file and
  /// line, and `next` must not be called after it.
  result<std::optional<item>> next();

private:
  struct state;
  explicit reader(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace mcbatch::manifest

#endif
