#include "sandbox/create_body.hpp"

#include <simdjson.h>

#include <utility>

namespace mcbatch::sandbox {

namespace {

/// The field `name`, or the client's mistake about it.
result<std::string> required_text(simdjson::dom::object object, std::string_view name) {
  simdjson::dom::element value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS || value.is_null())
    return failure{errc::unusable_input, std::string(name) + " is required"};
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS)
    return failure{errc::unusable_input, std::string(name) + " must be a string"};
  if (text.empty()) return failure{errc::unusable_input, std::string(name) + " is required"};
  return std::string(text);
}

} // namespace

result<create_body> parse_create_body(std::string_view json) {
  // The DOM parser checks the whole document; On-Demand would pass over errors in what is not asked for.
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS ||
      document.get(object) != simdjson::SUCCESS)
    return failure{errc::unusable_input, "the body must be a JSON object"};

  create_body body;
  const std::pair<std::string_view, std::string*> required[] = {{"job_type", &body.job_type},
                                                                {"input_url", &body.input_url},
                                                                {"output_url", &body.output_url},
                                                                {"input_format", &body.input_format},
                                                                {"output_format", &body.output_format}};
  for (const auto& [name, field] : required) {
    auto text = required_text(object, name);
    if (!text) return text.error();
    *field = std::move(*text);
  }
  std::uint64_t size = 0;
  if (object.at_key("input_size_bytes").get(size) == simdjson::SUCCESS) body.input_size_bytes = size;
  return body;
}

} // namespace mcbatch::sandbox
