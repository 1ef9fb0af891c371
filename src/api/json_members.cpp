#include "json_members.hpp"

#include <mcbatch/core/huge_numbers.hpp>
#include <mcbatch/core/money.hpp>

#include <cmath>

namespace mcbatch::api {

namespace dom = simdjson::dom;

simdjson::error_code parse(dom::parser& parser, std::string_view json, dom::element& top) {
  const auto error = parser.parse(json.data(), json.size()).get(top);
  if (error != simdjson::NUMBER_ERROR) return error;
  return parser.parse(without_huge_numbers(std::string(json))).get(top);
}

std::optional<dom::object> parse_object(dom::parser& parser, std::string_view json) {
  dom::element top;
  dom::object object;
  if (parse(parser, json, top) != simdjson::SUCCESS || top.get(object) != simdjson::SUCCESS) return std::nullopt;
  return object;
}

std::string text_member(const dom::object& object, std::string_view name) {
  dom::element member;
  if (object.at_key(name).get(member) != simdjson::SUCCESS) return {};
  if (member.is_string()) return std::string(std::string_view(member));
  if (member.is_int64()) return std::to_string(std::int64_t(member));
  if (member.is_uint64()) return std::to_string(std::uint64_t(member));
  return {};
}

std::optional<std::int64_t> amount_member(const dom::object& object, std::string_view name) {
  constexpr double most = 1e15; // more than anyone counts, and a double holds each whole number up to it
  double amount = -1;
  if (object.at_key(name).get(amount) != simdjson::SUCCESS || !(amount >= 0 && amount <= most)) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(amount));
}

std::optional<std::int64_t> cost_member(const dom::object& object, std::string_view name) {
  const auto cost = amount_member(object, name);
  return cost && is_believed(*cost) ? cost : std::nullopt;
}

} // namespace mcbatch::api
