#ifndef MCBATCH_API_JSON_MEMBERS_HPP
#define MCBATCH_API_JSON_MEMBERS_HPP

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::api {

/// Reads a text of JSON into `top`, which lives as long as `parser` is not used again; for a number that nothing holds
/// it says null.
simdjson::error_code parse(simdjson::dom::parser& parser, std::string_view json, simdjson::dom::element& top);

/// The same, of a text that is an object.
std::optional<simdjson::dom::object> parse_object(simdjson::dom::parser& parser, std::string_view json);

/// The member's text: a string, or an integer in decimal digits; else empty.
std::string text_member(const simdjson::dom::object& object, std::string_view name);

/// An amount is an integer, not negative, of 1e15 at most; a service that writes it with a fraction means the nearest
/// one.
std::optional<std::int64_t> amount_member(const simdjson::dom::object& object, std::string_view name);

/// An amount of money that a job may cost.
std::optional<std::int64_t> cost_member(const simdjson::dom::object& object, std::string_view name);

} // namespace mcbatch::api

#endif
