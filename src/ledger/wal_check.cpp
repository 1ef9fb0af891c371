#include "wal_check.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mcbatch::ledger {
namespace {

constexpr std::size_t log_header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::size_t summed_of_log_header = 24;
constexpr std::size_t summed_of_frame_header = 8;
constexpr std::uint32_t magic = 0x377f0682; // its last bit: the sums are over big-endian words

std::uint32_t word(std::string_view bytes, std::size_t at, bool big_endian = true) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[big_endian ? at + i : at + sizeof value - 1 - i]);
  return value;
}

/// The running sum of a log.
struct checksum {
  bool big_endian;
  std::uint32_t first = 0, second = 0;

  void add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(bytes, at, big_endian) + second;
      second += word(bytes, at + 4, big_endian) + first;
    }
  }
  [[nodiscard]] bool is(std::string_view bytes, std::size_t at) const {
    return word(bytes, at) == first && word(bytes, at + 4) == second;
  }
};

bool read(std::istream& from, std::string& to, std::size_t size) {
  to.resize(size);
  from.read(to.data(), static_cast<std::streamsize>(size));
  return static_cast<std::size_t>(from.gcount()) == size;
}

} // namespace

bool log_is_damaged(std::istream& log) {
  std::string header, frame, page;
  if (!read(log, header, log_header_size)) return false; // it was never used
  constexpr std::size_t least_page = 512, most_page = 65536;
  const std::size_t page_size = word(header, 8);
  const bool sized = page_size >= least_page && page_size <= most_page && (page_size & (page_size - 1)) == 0;
  checksum sum{(word(header, 0) & 1) != 0};
  sum.add(std::string_view(header).substr(0, summed_of_log_header));
  bool fits = sized && (word(header, 0) & ~1U) == magic && sum.is(header, summed_of_log_header);
  // A log is begun anew over an old one: what carries other salts is the old one's. Where the header is lost, the
  // first frame tells.
  auto salts = header.substr(16, 8);
  bool first = true;
  int commits_behind = 0;
  while (read(log, frame, frame_header_size) && read(log, page, sized ? page_size : 4096)) {
    const auto its_salts = std::string_view(frame).substr(8, 8);
    if (first && !fits) salts = its_salts;
    first = false;
    if (fits && its_salts == salts) {
      sum.add(std::string_view(frame).substr(0, summed_of_frame_header));
      sum.add(page);
      if (sum.is(frame, 16)) continue;
    }
    fits = false;
    const bool commits = word(frame, 4) != 0;
    if (commits && its_salts == salts) ++commits_behind;
  }
  return commits_behind > 1;
}

} // namespace mcbatch::ledger
