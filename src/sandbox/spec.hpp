#ifndef MCBATCH_SANDBOX_SPEC_HPP
#define MCBATCH_SANDBOX_SPEC_HPP

#include <optional>
#include <string_view>

namespace mcbatch::sandbox {

/// One part of a spec such as "time=60s,failed=0.05".
struct spec_part {
  std::string_view text, name, value;
};

/// Takes the first part off `spec`, which is not empty, and the comma behind it.
spec_part take_part(std::string_view& spec);

/// A number from 0 to 1; nothing for any other text.
std::optional<double> probability(std::string_view text);

} // namespace mcbatch::sandbox

#endif
