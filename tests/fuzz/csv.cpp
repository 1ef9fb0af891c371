// Whatever stands in a CSV manifest: where reads end does not matter, a broken row costs no other, and what is valid is
// sent as JSON. The input is rows under a header, and also the whole file.

#include "reading.hpp"

using namespace mcbatch::manifest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto rows = std::string(good_header) + std::string(content);
  const auto under_header = read_in_parts(rows, format::csv);
  check(!under_header.broken, "rows can be read to the end", to_text(under_header));
  check_reading(under_header, rows, false);
  for (std::size_t i = 1; i < under_header.items.size(); ++i)
    check(line_of(under_header.items[i - 1]) < line_of(under_header.items[i]), "each row begins on its own line",
          to_text(under_header));
  check_last_is_read(rows, good_row, format::csv);

  const bool packed = is_packed(content);
  const auto whole = read_in_parts(content, format::csv, packed);
  if (!packed) check_reading(whole, content, false);
  return 0;
}
