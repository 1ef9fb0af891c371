#include "sandbox/gzip.hpp"

#include <zlib.h>

#include <stdexcept>

namespace mcbatch::sandbox {

std::string gzip(std::string_view plain) {
  constexpr int gzip_format = 16; // added to the window's bits
  z_stream z{};
  if (::deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + gzip_format, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib has no memory");
  std::string packed(::deflateBound(&z, plain.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data())); // zlib only reads it
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&z, Z_FINISH); // what deflateBound says is enough
  packed.resize(z.total_out);
  ::deflateEnd(&z);
  return packed;
}

} // namespace mcbatch::sandbox
