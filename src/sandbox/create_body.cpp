#include "sandbox/create_body.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace mcbatch::sandbox {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t deepest = 512;

/// Takes digits off the front; false where there are none.
bool take_digits(std::string_view& token) {
  const auto n = std::min(token.find_first_not_of("0123456789"), token.size());
  token.remove_prefix(n);
  return n > 0;
}

bool take(std::string_view& token, std::string_view one_of) {
  const bool found = !token.empty() && one_of.find(token.front()) != std::string_view::npos;
  if (found) token.remove_prefix(1);
  return found;
}

/// A number of JSON (RFC 8259, section 6), which bounds neither its size nor its precision.
bool is_number(std::string_view token) {
  take(token, "-");
  if (!take(token, "0") && !take_digits(token)) return false;
  if (take(token, ".") && !take_digits(token)) return false;
  if (take(token, "eE")) {
    take(token, "+-");
    if (!take_digits(token)) return false;
  }
  return token.empty();
}

/// Whether all of a value is JSON: On-Demand passes over errors in what is not asked for, and the DOM parser refuses
/// numbers that no type of C++ holds.
bool is_json(ondemand::value value, std::size_t depth) {
  ondemand::json_type type{};
  std::string_view text;
  if (depth > deepest || value.type().get(type)) return false;
  if (type == ondemand::json_type::string) return !value.get_string().get(text);
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (value.get_object().get(object)) return false;
    for (auto next : object) {
      ondemand::field member;
      if (std::move(next).get(member) || member.unescaped_key().get(text)) return false;
      if (!is_json(member.value(), depth + 1)) return false;
    }
    return true;
  }
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get_array().get(array)) return false;
    for (auto next : array) {
      ondemand::value element;
      if (std::move(next).get(element) || !is_json(element, depth + 1)) return false;
    }
    return true;
  }
  text = value.raw_json_token();
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  return text == "true" || text == "false" || text == "null" || is_number(text);
}

/// Whether the document is one JSON object and nothing else.
bool is_object(ondemand::document& document) {
  ondemand::value whole;
  if (document.get_value().get(whole) || whole.type() != ondemand::json_type::object || !is_json(whole, 1))
    return false;
  // This version has no at_end(): a location out of bounds says that nothing is left.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

/// The member `name`: the first, where there are two.
ondemand::value find(ondemand::document& object, std::string_view name, bool& found) {
  object.rewind();
  ondemand::value value;
  found = object.find_field_unordered(name).get(value) == simdjson::SUCCESS;
  return value;
}

/// The text of the member `name`, or the client's mistake about it.
result<std::string> required_text(ondemand::document& object, std::string_view name) {
  bool found = false;
  auto value = find(object, name, found);
  if (!found || value.is_null()) return failure{errc::unusable_input, std::string(name) + " is required"};
  std::string_view text;
  if (value.get_string().get(text)) return failure{errc::unusable_input, std::string(name) + " must be a string"};
  if (text.empty()) return failure{errc::unusable_input, std::string(name) + " is required"};
  return std::string(text);
}

} // namespace

result<create_body> parse_create_body(std::string_view json) {
  const simdjson::padded_string padded(json);
  ondemand::parser parser;
  ondemand::document document;
  if (parser.iterate(padded).get(document) || !is_object(document))
    return failure{errc::unusable_input, "the body must be a JSON object"};

  create_body body;
  const std::pair<std::string_view, std::string*> required[] = {{"job_type", &body.job_type},
                                                                {"input_url", &body.input_url},
                                                                {"output_url", &body.output_url},
                                                                {"input_format", &body.input_format},
                                                                {"output_format", &body.output_format}};
  for (const auto& [name, field] : required) {
    auto text = required_text(document, name);
    if (!text) return text.error();
    *field = std::move(*text);
  }
  bool found = false;
  auto size = find(document, "input_size_bytes", found);
  std::uint64_t bytes = 0;
  if (found && !size.get_uint64().get(bytes)) body.input_size_bytes = bytes;
  auto url = find(document, "webhook_url", found);
  std::string_view where;
  if (found && !url.get_string().get(where)) body.webhook_url = where;
  return body;
}

} // namespace mcbatch::sandbox
