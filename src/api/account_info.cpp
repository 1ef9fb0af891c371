#include <mcbatch/api/account_info.hpp>

#include "json_members.hpp"
#include "tidy.hpp"

#include <simdjson.h>

#include <initializer_list>
#include <vector>

namespace mcbatch::api {
namespace {

namespace dom = simdjson::dom;
using names = std::initializer_list<std::string_view>;

constexpr std::int64_t micros_per_cent = 10'000;

std::vector<dom::object> places(const dom::object& top) {
  std::vector<dom::object> found{top};
  for (const std::string_view name : {"account", "user", "data"}) {
    dom::object inner;
    if (top.at_key(name).get(inner) == simdjson::SUCCESS) found.push_back(inner);
  }
  return found;
}

std::optional<std::string> text_of(const std::vector<dom::object>& objects, names candidates, const token& asked_with) {
  for (const auto& object : objects)
    for (const auto name : candidates) {
      std::string_view text;
      std::int64_t number = 0;
      if (object.at_key(name).get(text) == simdjson::SUCCESS && !text.empty()) return tidy(text, asked_with.secret());
      if (object.at_key(name).get(number) == simdjson::SUCCESS) return std::to_string(number);
    }
  return std::nullopt;
}

std::optional<std::int64_t> amount_of(const std::vector<dom::object>& objects, names candidates, std::int64_t unit) {
  for (const auto& object : objects)
    for (const auto name : candidates) {
      std::int64_t amount = 0;
      std::int64_t micros = 0;
      if (object.at_key(name).get(amount) == simdjson::SUCCESS && !__builtin_mul_overflow(amount, unit, &micros))
        return micros;
    }
  return std::nullopt;
}

} // namespace

account_info parse_account(std::string_view body, const token& asked_with) {
  dom::parser parser;
  const auto top = parse_object(parser, body);
  if (!top) return {};

  const auto objects = places(*top);
  account_info info;
  info.id = text_of(objects, {"id", "account_id", "user_id"}, asked_with);
  info.name = text_of(objects, {"name", "company", "username"}, asked_with);
  info.email = text_of(objects, {"email"}, asked_with);
  info.tier = text_of(objects, {"tier", "plan", "subscription_tier"}, asked_with);
  info.credit_micros = amount_of(objects, {"credit_balance_micros", "credit_micros", "balance_micros"}, 1);
  if (!info.credit_micros)
    info.credit_micros = amount_of(objects, {"credit_balance_cents", "credit_cents", "balance_cents"}, micros_per_cent);
  return info;
}

account_info merge(account_info account, const account_info& me) {
  if (!account.id) account.id = me.id;
  if (!account.name) account.name = me.name;
  if (!account.email) account.email = me.email;
  if (!account.tier) account.tier = me.tier;
  if (!account.credit_micros) account.credit_micros = me.credit_micros;
  return account;
}

} // namespace mcbatch::api
