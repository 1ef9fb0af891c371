#ifndef MCBATCH_API_JSON_MEMBERS_HPP
#define MCBATCH_API_JSON_MEMBERS_HPP

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::api {

/// The member's text: a string, or an integer in decimal digits; else empty.
std::string text_member(const simdjson::dom::object& object, std::string_view name);

/// An amount of money is an integer; a service that writes it with a fraction means the nearest one.
std::optional<std::int64_t> amount_member(const simdjson::dom::object& object, std::string_view name);

} // namespace mcbatch::api

#endif
