#include <mcbatch/manifest/default_field.hpp>

#include "manifest/json_text.hpp"
#include "manifest/sentence.hpp"
#include "manifest/walk.hpp"

namespace mcbatch::manifest {

result<default_field> parse_default(std::string_view argument) {
  const auto equals = argument.find('=');
  const bool is_json = equals != std::string_view::npos && equals > 0 && argument[equals - 1] == ':';
  const auto name_length = is_json ? equals - 1 : equals;
  if (equals == std::string_view::npos || name_length == 0)
    return failure{errc::usage, "the default " + quoted(argument) + " must read FIELD=VALUE or FIELD:=JSON"};

  default_field field{std::string(argument.substr(0, name_length)), {}};
  const auto text = argument.substr(equals + 1);
  if (is_json)
    field.json = trimmed(text);
  else
    append_json_string(field.json, text);
  std::string name_json;
  append_json_string(name_json, field.name);
  walker walk;
  if (!walk.is_value(name_json) || !walk.is_value(field.json))
    return failure{errc::usage, "the default of the field " + quoted(field.name) + " is no JSON value" +
                                    (is_json ? ": a string needs quotes, or FIELD=VALUE" : ": it is not UTF-8")};
  return field;
}

} // namespace mcbatch::manifest
