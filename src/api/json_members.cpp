#include "json_members.hpp"

#include <cmath>

namespace mcbatch::api {

namespace dom = simdjson::dom;

std::string text_member(const dom::object& object, std::string_view name) {
  dom::element member;
  if (object.at_key(name).get(member) != simdjson::SUCCESS) return {};
  if (member.is_string()) return std::string(std::string_view(member));
  if (member.is_int64()) return std::to_string(std::int64_t(member));
  if (member.is_uint64()) return std::to_string(std::uint64_t(member));
  return {};
}

std::optional<std::int64_t> amount_member(const dom::object& object, std::string_view name) {
  constexpr double most = 9e18;
  double amount = -1;
  if (object.at_key(name).get(amount) != simdjson::SUCCESS || !(amount >= 0 && amount <= most)) return std::nullopt;
  std::int64_t exact = 0;
  if (object.at_key(name).get(exact) == simdjson::SUCCESS) return exact;
  return static_cast<std::int64_t>(std::llround(amount));
}

} // namespace mcbatch::api
