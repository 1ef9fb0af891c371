#ifndef MCBATCH_SRC_QUOTA_HEADER_LIST_HPP
#define MCBATCH_SRC_QUOTA_HEADER_LIST_HPP

#include <mcbatch/core/http.hpp>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace mcbatch::quota {

/// One member of a list: `"default";q=100;w=60`. It views the text that it was read from.
struct list_item {
  std::string_view value; ///< without its quotes
  std::vector<std::pair<std::string_view, std::string_view>> parameters{};

  /// The last parameter of that name, as RFC 9651, section 4.2.3.2 has it.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// The members of all fields of that name, in their order, as RFC 9651, section 4.2.1 joins them. Read leniently: what
/// is malformed is a member that makes no sense. Nothing at all where they are more or longer than sane ones, or where
/// a field is a number with commas between its thousands ("10,000").
std::vector<list_item> list_of(const headers& fields, std::string_view name);

} // namespace mcbatch::quota

#endif
