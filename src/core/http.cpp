#include <mcbatch/core/http.hpp>

#include <algorithm>

namespace mcbatch {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

bool iequals(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

void headers::add(std::string_view name, std::string_view value) {
  constexpr std::size_t usual_text = 512, usual_fields = 12;
  if (sizes_.empty()) {
    text_.reserve(usual_text);
    sizes_.reserve(usual_fields);
  }
  text_.append(name).append(value);
  sizes_.push_back({static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())});
}

headers::iterator headers::begin() const {
  iterator first;
  first.all_ = this;
  return first;
}

headers::iterator headers::end() const {
  auto last = begin();
  last.index_ = sizes_.size();
  return last;
}

header headers::iterator::operator*() const {
  const auto [name, value] = all_->sizes_[index_];
  const std::string_view text = all_->text_;
  return {text.substr(at_, name), text.substr(at_ + name, value)};
}

headers::iterator& headers::iterator::operator++() {
  const auto [name, value] = all_->sizes_[index_++];
  at_ += std::size_t{name} + value;
  return *this;
}

std::optional<std::string_view> headers::find(std::string_view name) const {
  for (const auto field : *this)
    if (iequals(field.name, name)) return field.value;
  return std::nullopt;
}

} // namespace mcbatch
