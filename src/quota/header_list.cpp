#include "quota/header_list.hpp"

#include <mcbatch/core/text.hpp>

#include <algorithm>

namespace mcbatch::quota {
namespace {

constexpr std::size_t longest_field = 1024;
constexpr std::size_t most_members = 32;

/// The parts of `text` between those of its separators that stand outside of quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == separator) {
      parts.push_back(trim(text.substr(from, i - from)));
      from = i + 1;
    }
  }
  parts.push_back(trim(text.substr(from)));
  return parts;
}

std::string_view unquoted(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

list_item to_item(std::string_view member) {
  const auto parts = split(member, ';');
  list_item item{unquoted(parts.front())};
  for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
    const auto equals = std::min(part->find('='), part->size());
    item.parameters.emplace_back(trim(part->substr(0, equals)),
                                 equals < part->size() ? unquoted(trim(part->substr(equals + 1))) : "");
  }
  return item;
}

bool has_grouped_digits(std::string_view text) {
  return text.find(',') != std::string_view::npos && text.find_first_not_of("0123456789,") == std::string_view::npos;
}

} // namespace

std::optional<std::string_view> list_item::parameter(std::string_view name) const {
  const auto found =
      std::find_if(parameters.rbegin(), parameters.rend(), [name](const auto& p) { return iequals(p.first, name); });
  if (found == parameters.rend()) return std::nullopt;
  return found->second;
}

std::vector<list_item> list_of(const headers& fields, std::string_view name) {
  std::vector<list_item> items;
  for (const auto& field : fields) {
    if (!iequals(field.name, name)) continue;
    const auto text = trim(field.value);
    if (text.size() > longest_field || has_grouped_digits(text)) return {};
    for (const auto member : split(text, ','))
      if (!member.empty()) items.push_back(to_item(member));
    if (items.size() > most_members) return {};
  }
  return items;
}

} // namespace mcbatch::quota
