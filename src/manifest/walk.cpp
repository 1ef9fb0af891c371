#include "manifest/walk.hpp"
#include "manifest/canonical_form.hpp"
#include "manifest/json_text.hpp"
#include "manifest/presigned.hpp"
#include "manifest/quick_walk.hpp"
#include "manifest/sentence.hpp"

#include <simdjson.h>

#include <algorithm>

namespace mcbatch::manifest {
namespace {

namespace ondemand = simdjson::ondemand;

std::string sentence(simdjson::error_code error) {
  switch (error) {
  case simdjson::UTF8_ERROR:
    return "the entry holds bytes that are not UTF-8";
  case simdjson::UNESCAPED_CHARS:
    return "a string of the entry holds a control character that is not escaped";
  case simdjson::UNCLOSED_STRING:
    return "a string of the entry is not closed";
  case simdjson::STRING_ERROR:
    return "a string of the entry holds an escape that is not valid, or half of a surrogate pair";
  case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
    return "a brace or bracket of the entry is not closed";
  default:
    return "the entry is not valid JSON: a comma, colon, quote, brace or bracket is missing or out of place";
  }
}

} // namespace

std::string_view to_string(kind k) noexcept {
  switch (k) {
  case kind::null:
    return "null";
  case kind::boolean:
    return "a boolean";
  case kind::number:
    return "a number";
  case kind::string:
    return "a string";
  case kind::array:
    return "an array";
  case kind::object:
    return "an object";
  }
  return "unknown";
}

const member* walked::find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

std::string_view walked::canonical_value(const member& m) const {
  return canonical.substr(m.value_begin, m.end - m.value_begin);
}

std::string walkable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  out = text;
  return out;
}

/// The buffers stay from entry to entry, so that a walk need not allocate.
struct walker::state {
  ondemand::parser parser;
  canonical_form form;
  std::string scratch;
  std::string field; ///< with `message`: what was found wrong
  std::string message;
  std::string wrapped;

  bool fail(std::string why) {
    message = std::move(why);
    return false;
  }

  bool root(std::string& text);
  bool with_care(const std::string& text);
  bool members_of(ondemand::object object, std::size_t depth);
  bool one_member(ondemand::field from, std::size_t depth);
  bool any_value(ondemand::value from, std::size_t depth, value& seen);
  bool elements_of(ondemand::array array, std::size_t depth);
  bool scalar(std::string_view token, value& seen);
  bool checked(simdjson::simdjson_result<std::string_view> unescaped, std::string_view& text);
  bool sort_members(std::size_t first, std::size_t depth);
};

bool walker::state::checked(simdjson::simdjson_result<std::string_view> unescaped, std::string_view& text) {
  if (const auto error = std::move(unescaped).get(text)) return fail(sentence(error));
  return true;
}

bool walker::state::scalar(std::string_view token, value& seen) {
  token = trimmed(token);
  seen.text = token;
  if (token == "true" || token == "false" || token == "null") {
    seen.type = token == "null" ? kind::null : kind::boolean;
    form.put(token == "null" ? 'z' : token.front());
    return true;
  }
  if (!is_json_number(token)) return fail("a value of the entry is not valid JSON");
  seen.type = kind::number;
  form.put_text('n', token);
  return true;
}

bool walker::state::any_value(ondemand::value from, std::size_t depth, value& seen) {
  ondemand::json_type type{};
  if (const auto error = from.type().get(type)) return fail(sentence(error));
  switch (type) {
  case ondemand::json_type::object: {
    seen.type = kind::object;
    ondemand::object object;
    if (const auto error = from.get_object().get(object)) return fail(sentence(error));
    return members_of(object, depth + 1);
  }
  case ondemand::json_type::array: {
    seen.type = kind::array;
    ondemand::array array;
    if (const auto error = from.get_array().get(array)) return fail(sentence(error));
    return elements_of(array, depth + 1);
  }
  case ondemand::json_type::string:
    seen.type = kind::string;
    return checked(from.get_string(), seen.text);
  default:
    return scalar(from.raw_json_token(), seen);
  }
}

bool walker::state::elements_of(ondemand::array array, std::size_t depth) {
  if (depth > deepest) return fail("the entry is nested more than 64 deep");
  form.put('[');
  for (auto next : array) {
    ondemand::value element;
    if (const auto error = std::move(next).get(element)) return fail(sentence(error));
    value seen;
    if (!any_value(element, depth, seen)) return false;
    if (seen.type == kind::string) form.put_text('s', seen.text);
  }
  form.put(']');
  return true;
}

bool walker::state::one_member(ondemand::field from, std::size_t depth) {
  member m;
  if (!checked(from.unescaped_key(), m.name)) return false;
  m.begin = form.size();
  form.put_text('s', m.name);
  m.value_begin = form.size();
  if (!any_value(from.value(), depth, m.val)) return false;
  if (m.val.type == kind::string)
    form.put_text('s', depth == 1 ? what_counts(m.name, m.val.text, scratch) : m.val.text);
  m.end = form.size();
  form.members.push_back(m);
  return true;
}

bool walker::state::members_of(ondemand::object object, std::size_t depth) {
  if (depth > deepest) return fail("the entry is nested more than 64 deep");
  const auto first = form.members.size();
  form.put('{');
  for (auto next : object) {
    ondemand::field field_read;
    if (const auto error = std::move(next).get(field_read)) return fail(sentence(error));
    if (!one_member(field_read, depth)) return false;
  }
  if (!sort_members(first, depth)) return false;
  form.put('}');
  if (depth > 1) form.members.resize(first);
  return true;
}

bool walker::state::sort_members(std::size_t first, std::size_t depth) {
  const auto* twice = form.sort_members(first);
  if (!twice) return true;
  if (depth == 1) field = std::string(twice->name);
  return fail("the member " + quoted(twice->name) + " stands twice in one object");
}

bool walker::state::root(std::string& text) {
  field.clear();
  if (text.starts_with("\xef\xbb\xbf"))
    return fail("a byte order mark stands before the entry: it belongs at the beginning of a file only");
  if (!text.starts_with('{')) return fail("the entry is not a JSON object");
  if (!text.ends_with('}'))
    return fail("the entry is not closed by a brace at its end: it is cut short, or other text follows");
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  return quick_walk(text, form, scratch) || with_care(text);
}

/// Whatever the text holds: it is simdjson that judges it.
bool walker::state::with_care(const std::string& text) {
  form.begin(text.size());
  ondemand::document document;
  const simdjson::padded_string_view padded(text.data(), text.size(), text.capacity());
  if (const auto error = parser.iterate(padded).get(document)) return fail(sentence(error));
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) return fail(sentence(error));
  if (!members_of(object, 1)) return false;
  // This version has no at_end(): a location out of bounds says that nothing is left.
  if (document.current_location().error() == simdjson::OUT_OF_BOUNDS) return true;
  return fail("other text follows the object: an entry is one JSON object");
}

walker::walker() : state_(std::make_unique<state>()) {}
walker::walker(walker&&) noexcept = default;
walker& walker::operator=(walker&&) noexcept = default;
walker::~walker() = default;

std::optional<walked> walker::walk(std::string& text, std::uint64_t line, std::vector<problem>& problems) {
  if (state_->root(text)) return walked{state_->form.text(), state_->form.members};
  problems.push_back({line, state_->field, state_->message});
  return std::nullopt;
}

bool walker::is_value(std::string_view text) {
  // It is one value if, and only if, it makes an object of one member whole.
  auto& wrapped = state_->wrapped;
  wrapped = "{\"\":";
  wrapped += text;
  wrapped += '}';
  return state_->root(wrapped) && state_->form.members.size() == 1;
}

} // namespace mcbatch::manifest
