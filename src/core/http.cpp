#include <mcbatch/core/http.hpp>

#include <algorithm>

namespace mcbatch {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

bool iequals(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

void headers::add(std::string_view name, std::string_view value) {
  fields_.push_back({std::string(name), std::string(value)});
}

std::optional<std::string_view> headers::find(std::string_view name) const {
  for (const auto& field : fields_)
    if (iequals(field.name, name)) return field.value;
  return std::nullopt;
}

} // namespace mcbatch
