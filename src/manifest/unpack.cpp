#include "manifest/byte_source.hpp"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace mcbatch::manifest {
namespace {

/// Compressed bytes, a block at a time, of which what is unread can be looked at.
class blocks {
public:
  blocks(std::unique_ptr<byte_source> raw, std::size_t block)
      : raw_(std::move(raw)), buffer_(std::max(block, std::size_t{16})) {}

  [[nodiscard]] std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t n) { begin_ += n; }

  /// Reads on until at least `wanted` bytes (16 at most) are unread, or the source has ended.
  result<void> need(std::size_t wanted) {
    if (unread().size() >= wanted) return {};
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    while (end_ < wanted) {
      const auto n = raw_->read(std::span(buffer_).subspan(end_));
      if (!n) return n.error();
      if (*n == 0) break;
      end_ += *n;
    }
    return {};
  }

private:
  std::unique_ptr<byte_source> raw_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class plain final : public byte_source {
public:
  explicit plain(blocks in) : in_(std::move(in)) {}

  result<std::size_t> read(std::span<char> into) override {
    if (auto got = in_.need(1); !got) return got.error();
    const auto n = std::min(into.size(), in_.unread().size());
    std::copy_n(in_.unread().data(), n, into.data());
    in_.consume(n);
    return n;
  }

private:
  blocks in_;
};

/// What gzip and zstd have in common: bytes that were unpacked before a fault are handed out before the fault is told.
class unpacker : public byte_source {
public:
  explicit unpacker(blocks in) : in_(std::move(in)) {}

  result<std::size_t> read(std::span<char> into) final {
    std::size_t written = 0;
    while (written == 0 && !ended_ && !broken_) {
      auto n = step(into);
      if (n)
        written = *n;
      else
        broken_ = n.error();
    }
    if (written == 0 && broken_) return *broken_;
    return written;
  }

protected:
  /// Unpacks a little; 0 means only that nothing came of it yet.
  virtual result<std::size_t> step(std::span<char> into) = 0;

  blocks in_;
  bool ended_ = false;

private:
  std::optional<failure> broken_;
};

constexpr std::string_view gzip_magic = "\x1f\x8b";

class gzip final : public unpacker {
public:
  explicit gzip(blocks in) : unpacker(std::move(in)) {
    constexpr int window_and_gzip_header = 15 + 16;
    if (::inflateInit2(&stream_, window_and_gzip_header) != Z_OK) throw std::bad_alloc();
  }
  gzip(const gzip&) = delete;
  gzip& operator=(const gzip&) = delete;
  ~gzip() override { ::inflateEnd(&stream_); }

private:
  result<std::size_t> step(std::span<char> into) override {
    if (between_members_) return next_member();
    if (damaged_) return damaged();
    if (auto got = in_.need(1); !got) return got.error();
    const auto packed = in_.unread();
    if (packed.empty()) return failure{errc::unusable_input, "the gzip stream is cut short"};

    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data())); // zlib's old signature; not written
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    in_.consume(packed.size() - stream_.avail_in);
    between_members_ = status == Z_STREAM_END;
    damaged_ = status != Z_OK && status != Z_STREAM_END;
    return into.size() - stream_.avail_out;
  }

  /// RFC 1952, section 2.2: a file is a series of members. Zeros after the last are padding of tapes, as gzip takes it.
  result<std::size_t> next_member() {
    if (auto got = in_.need(gzip_magic.size()); !got) return got.error();
    const auto rest = in_.unread();
    if (rest.empty()) {
      ended_ = true;
    } else if (rest.starts_with(gzip_magic)) {
      ::inflateReset(&stream_);
      between_members_ = false;
    } else if (rest.front() == '\0') {
      in_.consume(1);
    } else {
      return failure{errc::unusable_input, "other data follows the gzip stream"};
    }
    return std::size_t{0};
  }

  failure damaged() const {
    return {errc::unusable_input,
            std::string("the gzip stream is damaged (") + (stream_.msg ? stream_.msg : "no detail") + ")"};
  }

  z_stream stream_{};
  bool between_members_ = false;
  bool damaged_ = false; ///< told once what came before is handed out
};

constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";

/// RFC 8878, section 3.1: frames follow each other, and some are to be skipped; libzstd does both.
class zstd final : public unpacker {
public:
  explicit zstd(blocks in) : unpacker(std::move(in)), stream_(::ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
  }

private:
  result<std::size_t> step(std::span<char> into) override {
    if (auto got = in_.need(1); !got) return got.error();
    const auto packed = in_.unread();
    if (packed.empty() && hint_ == 0) {
      ended_ = true;
      return std::size_t{0};
    }
    ZSTD_inBuffer from{packed.data(), packed.size(), 0};
    ZSTD_outBuffer to{into.data(), into.size(), 0};
    hint_ = ::ZSTD_decompressStream(stream_.get(), &to, &from);
    if (::ZSTD_isError(hint_)) return failure{errc::unusable_input, fault()};
    in_.consume(from.pos);
    if (packed.empty() && to.pos == 0) return failure{errc::unusable_input, "the zstd stream is cut short"};
    return to.pos;
  }

  /// Sound streams too can be such that they are not unpacked.
  [[nodiscard]] std::string fault() const {
    switch (::ZSTD_getErrorCode(hint_)) {
    case ZSTD_error_frameParameter_windowTooLarge:
      return "the zstd stream asks for more than 128 MiB of memory: pack it without --long or --ultra";
    case ZSTD_error_dictionary_wrong:
      return "the zstd stream was packed with a dictionary: pack it without one";
    default:
      return std::string("the zstd stream is damaged (") + ::ZSTD_getErrorName(hint_) + ")";
    }
  }

  struct free_stream {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
  };

  std::unique_ptr<ZSTD_DStream, free_stream> stream_;
  std::size_t hint_ = 0; ///< 0 when a frame is complete and flushed
};

bool is_skippable_frame(std::string_view bytes) {
  return bytes.size() >= 4 && (bytes[0] & '\xf0') == '\x50' && bytes.substr(1, 3) == "\x2a\x4d\x18";
}

} // namespace

result<std::unique_ptr<byte_source>> unpacked(std::unique_ptr<byte_source> raw, std::size_t block) {
  blocks in(std::move(raw), block);
  if (auto got = in.need(zstd_magic.size()); !got) return got.error();
  const auto first = in.unread();
  if (first.starts_with(gzip_magic)) return std::make_unique<gzip>(std::move(in));
  if (first.starts_with(zstd_magic) || is_skippable_frame(first)) return std::make_unique<zstd>(std::move(in));
  return std::make_unique<plain>(std::move(in));
}

} // namespace mcbatch::manifest
