#ifndef MCBATCH_MANIFEST_BYTE_SOURCE_HPP
#define MCBATCH_MANIFEST_BYTE_SOURCE_HPP

#include <mcbatch/core/error.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace mcbatch::manifest {

/// Bytes, one after the other.
class byte_source {
public:
  virtual ~byte_source() = default;

  /// Fills the front of `into`, which is not empty; 0 is the end. The sentence of a failure names no file: the reader
  /// puts file and line before it.
  virtual result<std::size_t> read(std::span<char> into) = 0;
};

/// That the user gave up.
inline failure given_up() {
  return {errc::stopped, "reading was given up, because a stop was asked for"};
}

/// The file at `path`, or standard input for "-". Fails with errc::cannot_open, naming the file. `while_waiting` as in
/// `options`; may be empty.
result<std::unique_ptr<byte_source>> open_file(const std::string& path, std::function<bool()> while_waiting);

/// The bytes of `raw` as they are or, where they begin as gzip or zstd do, unpacked.
result<std::unique_ptr<byte_source>> unpacked(std::unique_ptr<byte_source> raw, std::size_t block);

} // namespace mcbatch::manifest

#endif
