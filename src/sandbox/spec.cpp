#include "sandbox/spec.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace mcbatch::sandbox {

spec_part take_part(std::string_view& spec) {
  const auto text = spec.substr(0, spec.find(','));
  spec.remove_prefix(std::min(text.size() + 1, spec.size()));
  const auto equals = std::min(text.find('='), text.size());
  return {text, text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))};
}

std::optional<double> probability(std::string_view text) {
  double p = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), p);
  const bool good = error == std::errc{} && end == text.data() + text.size() && p >= 0 && p <= 1;
  return good ? std::optional(p) : std::nullopt;
}

} // namespace mcbatch::sandbox
